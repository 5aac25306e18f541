import { expect, test } from 'vitest';
import type { TalkChannel } from '../contracts/ids.ts';
import type { Calls } from '../contracts/media.contract.ts';
import { waysTo } from './waysTo.ts';

const all: TalkChannel[] = ['chat', 'voice', 'video'];
const ways = (over: { channels?: TalkChannel[]; state?: Calls['state']; taken?: TalkChannel[] }) =>
  waysTo({
    config: { channels: over.channels ?? all },
    calls: { state: over.state ?? 'livekit' },
    taken: over.taken ?? all,
  });

test('[LN2] a way to talk is what the line offers, somebody takes and can be had, in one order', () => {
  expect(ways({ channels: ['video', 'chat', 'voice'], taken: ['video', 'voice', 'chat'] })).toEqual(all);
  expect(ways({ taken: ['chat'] })).toEqual(['chat']);
  expect(ways({ taken: ['voice', 'video'] })).toEqual(['voice', 'video']);
  expect(ways({ channels: ['chat'], taken: ['voice'] })).toEqual([]);
  expect(ways({ taken: [] })).toEqual([]);
  expect(ways({ state: 'direct' })).toEqual(all);
  expect(ways({ state: 'down' })).toEqual(['chat']);
  expect(ways({ state: 'off', taken: ['voice'] })).toEqual([]);
});
