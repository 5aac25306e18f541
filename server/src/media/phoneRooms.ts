import type { Line } from '../storage/postgres/lines.store.ts';

/** What the names of rooms begin with that the media server opens for telephone calls; the line's slug follows. */
const prefix = 'phone-';

/** The media server adds `_`, the number that was called and random letters: a room of its own for each call. */
export const roomPrefixOf = (slug: string): string => `${prefix}${slug}`;

export const isPhoneRoom = (name: string): boolean => name.startsWith(prefix);

export const lineOf = <T extends Pick<Line, 'config'>>(name: string, lines: readonly T[]): T | undefined =>
  lines.find(({ config }) => name.startsWith(`${roomPrefixOf(config.slug)}_`));
