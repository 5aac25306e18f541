import type { MediaSeat } from '@hearthline/shared/contracts/media';
import { startTestLivekit } from '../../support/livekit.ts';
import { openBand } from '../calls/band.ts';
import { ourOrigin } from '../calls/ourOrigin.ts';
import type { Ending } from '../ending.ts';
import { inLanes } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { cpuSeconds } from '../machine.ts';
import { pairedRounds } from '../paired.ts';
import { benchStack, crowd } from '../people.ts';
import type { Settings } from '../settings.ts';
import { meetings, type Meeting } from '../talks.ts';
import type { LeanSocket } from '../leanSocket.ts';

const calls = 10;
const roundMs = 10_000;
const mostConcealed = 0.02;

/** Row 14: what our own server costs while people talk through the media server, with pages, heartbeats and signalling. */
export async function callRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const livekit = await startTestLivekit();
  ending.add(livekit.stop);
  const stack = await benchStack(ending, 1, livekit.env);
  const people = await crowd(stack, ending);
  console.log(`making ${calls} calls through the product's own doors, with participants that send a tone`);
  const met = await meetings(people, calls, 'voice');
  await people.close();
  const url = `ws://127.0.0.1:${await ourOrigin(Number(new URL(stack.url).port), ending)}`;
  const band = openBand(ending);
  await band.join((await inLanes(met, 4, seatsOf)).flat().map(({ path, token }) => ({ url: url + path, token })));
  const pid = stack.pid('server1');
  const measured = await pairedRounds(
    s.rounds,
    async () => {
      const [from, before] = [cpuSeconds(pid), await band.heard()];
      await new Promise((done) => setTimeout(done, roundMs));
      const [to, after] = [cpuSeconds(pid), await band.heard()];
      const concealed = (after.concealed - before.concealed) / (after.samples - before.samples);
      if (after.connected !== 2 * calls || !(concealed <= mostConcealed))
        throw new Error(
          `${after.connected} of ${2 * calls} were connected, ${(100 * concealed).toFixed(1)} % was not heard`,
        );
      return (100 * (to - from)) / (roundMs / 1000);
    },
    (n, share, taken) => console.log(`row 14  round ${n}/${s.rounds}  ${share.toFixed(2)} % of a core  ${lost(taken)}`),
  );
  return [
    figure(
      { row: 14, what: `our server's CPU while ${calls} calls run`, unit: '%', better: 'lower', bar: 2, aim: 0.5 },
      measured,
      (share) => share,
      'share of a core; signalling goes through our port, sound does not',
    ),
  ];
}

async function seatsOf({ id, caller, peer }: Meeting): Promise<{ path: string; token: string }[]> {
  const seat = (socket: LeanSocket): Promise<MediaSeat> =>
    socket.call('media.join', { conversationId: id, canEncrypt: false });
  // the first says that it cannot seal, which makes the room that both go to
  return [await seat(caller), await seat(peer)].map((one) => {
    if (one.engine !== 'livekit') throw new Error('no media server carries the calls');
    return one;
  });
}
