import type { Calls, MediaSeat, MediaState } from '@hearthline/shared/contracts/media';

export type Seated = { generation: number; epoch: number; encrypted: boolean };
export type RoomRef = { name: string; sid: string | null };
/** `phone`: came in over the telephone, which only the media server itself can say of somebody. `named`: others are shown a name. */
export type Present = { identity: string; phone: boolean; named: boolean };
/** `forgotten`: the media server has lost the room since; `down`: it does not answer. */
export type RoomState = { state: 'there'; sid: string } | { state: 'forgotten' } | { state: 'down' };

/** What carries sound and picture. Nothing outside this folder knows which one runs. */
export type MediaEngine = {
  readonly kind: Exclude<MediaState, 'down'>;
  calls(): Calls;
  /** Told when calls can be had again, or cannot any more. */
  onChange(heard: () => void): void;
  /** Makes the room, or finds that it is there; a room of another mark under the same name was forgotten meanwhile. */
  openRoom(room: RoomRef): Promise<RoomState>;
  /** A place for this one join; whoever of the same party had one before is put out. */
  seat(room: RoomRef, seated: Seated, party: { id: string; identity: string; others: string[] }): Promise<MediaSeat>;
  /** Who is in it; null when that cannot be known now. A room that is not there is empty. */
  whoIsIn(room: RoomRef): Promise<Present[] | null>;
  /** Every room that is there, whoever made it; null when that cannot be known now. */
  allRooms(): Promise<{ name: string; sid: string }[] | null>;
  /** Takes the digits of a number out of what others in the room see of this one. */
  withoutNumber(room: RoomRef, identity: string): Promise<void>;
  putOut(room: RoomRef, identity: string): Promise<void>;
  /** @returns false when it has to be tried again. */
  endRoom(room: RoomRef): Promise<boolean>;
  stop(): Promise<void>;
};

/** A party in a room of the media server, for one join: the part before the dot is the party's id. */
export const partyOf = (identity: string): string => identity.split('.')[0] ?? '';
/** And the part behind it is this join's. */
export const sessionOf = (identity: string): string => identity.split('.')[1] ?? '';
