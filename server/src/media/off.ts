import type { MediaEngine } from './engine.ts';

const never = () => Promise.reject(new Error('there are no calls here'));

/** A line that talks in text. */
export const noMedia = (): MediaEngine => ({
  kind: 'off',
  calls: () => ({ state: 'off', exposesAddress: false }),
  onChange() {},
  openRoom: async () => ({ state: 'down' }),
  seat: never,
  whoIsIn: async () => [],
  allRooms: async () => [],
  withoutNumber: async () => {},
  putOut: async () => {},
  endRoom: async () => true,
  stop: async () => {},
});
