import { SipClient } from 'livekit-server-sdk';
import type { Logger } from 'pino';
import { roomPrefixOf } from './phoneRooms.ts';
import type { Lines } from '../storage/postgres/lines.store.ts';
import type { LivekitServer } from './livekit.ts';

const answersWithinSeconds = 5;

/**
 * Tells the media server where telephone calls go: a trunk that is named after a line leads into a waiting room of its own for
 * each call (C12). Trunks are the operator's; a rule that is there is left alone.
 * @returns the lines that can be called
 */
export async function keepPhoneLines(server: LivekitServer, lines: Lines, log: Logger): Promise<string[]> {
  const sip = new SipClient(server.url, server.key, server.secret, { requestTimeout: answersWithinSeconds });
  const [trunks, rules] = await Promise.all([sip.listSipInboundTrunk(), sip.listSipDispatchRule()]);
  const called: string[] = [];
  for (const { config } of lines.all()) {
    const own = trunks.filter((t) => t.name === config.slug).map((t) => t.sipTrunkId);
    if (own.length === 0) continue;
    const trunkIds = own.filter((id) => !rules.some((rule) => rule.trunkIds.includes(id)));
    try {
      if (trunkIds.length > 0) {
        await makeRule(sip, config.slug, trunkIds);
        log.info({ line: config.slug }, 'telephone calls of this line come here');
      }
      called.push(config.slug);
    } catch (e) {
      log.warn({ err: (e as Error).message, line: config.slug }, 'a trunk of this line has no rule yet');
    }
  }
  return called;
}

/** By the number that was called: a room named after the number of the caller would keep its last digits. */
const makeRule = (sip: SipClient, slug: string, trunkIds: string[]) =>
  sip.createSipDispatchRule(
    { type: 'callee', roomPrefix: roomPrefixOf(slug), randomize: true },
    { name: `hearthline ${slug}`, trunkIds, hidePhoneNumber: true },
  );
