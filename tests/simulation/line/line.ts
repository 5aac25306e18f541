import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import { weekdays, type Escalation, type LineConfig } from '@hearthline/shared/contracts/line';
import type { Random } from '../random.ts';
import { rosterOf, type Roster } from './roster.ts';

/** The line that callers come to, and another one beside it that a talk can go to. */
export type LineId = 'ours' | 'theirs';

export type Line = {
  config: Pick<LineConfig, 'hours' | 'holidays' | 'timeZone' | 'intakeStopsMinutes'> & {
    escalation: Escalation;
    offerSeconds: number;
    chatsPerPeer: number;
    wrapUpMinutes: number;
    restMinutes: readonly number[];
    retentionDays: number;
    channels: readonly TalkChannel[];
  };
  peers: readonly string[];
  /** Of the other line. */
  neighbours: readonly string[];
  /** Whether colleagues are asked into talks. */
  invites: boolean;
  /** Everything at once: many callers, many calls, and colleagues asked in again and again. */
  eager: boolean;
  /** Calls go from browser to browser. */
  direct: boolean;
  clinicians: readonly string[];
  coordinators: readonly string[];
  /** Those that rang and were heard. */
  means: ReadonlyMap<string, readonly MeansKind[]>;
  roster: Roster;
  callersPerHour: number;
};

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/St_Johns', 'UTC'];
const kinds: readonly MeansKind[] = ['alarm', 'push', 'mail', 'sms', 'voice', 'webhook'];
const names = (kind: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${kind}${i + 1}`);

/** A line as a seed has it: large or small, by day or always, with a ladder that may be short, and people who may have no means. */
export function lineOf(random: Random, from: number, invites: boolean): Line {
  const beside = random.stream('beside');
  const eager = invites && beside.chance(0.2);
  const timeZone = random.pick(zones);
  const always = random.chance(0.5);
  const hours = Object.fromEntries(
    weekdays.map((day) => [day, always ? [{ from: '00:00', to: '24:00' }] : [{ from: '08:00', to: '23:00' }]]),
  );
  const clinicians = names('clinician', random.whole(0, 5));
  const layers = random.pick([['primary'], ['primary', 'backup'], ['primary', 'backup', 'lead']]);
  const coordinators = names('coordinator', random.whole(1, 3));
  return {
    config: {
      hours,
      holidays: {},
      timeZone,
      intakeStopsMinutes: 30,
      escalation: ladderOf(random, layers),
      offerSeconds: random.pick([10, 25, 60]),
      chatsPerPeer: random.whole(1, 3),
      wrapUpMinutes: 5,
      restMinutes: [0, 0, 5, 20, 30],
      retentionDays: 1,
      channels: random.chance(0.3) ? ['chat'] : ['chat', 'voice', 'video'],
    },
    peers: names('peer', random.whole(1, 6)),
    neighbours: invites ? names('neighbour', beside.whole(0, 2)) : [],
    invites,
    eager,
    direct: invites && beside.chance(0.5),
    clinicians,
    coordinators,
    means: new Map([...clinicians, ...coordinators].map((id) => [id, meansOf(random)])),
    roster: rosterOf(random, { layers, clinicians, timeZone, from }),
    callersPerHour: random.whole(4, 25) * (eager ? 2 : 1),
  };
}

function ladderOf(random: Random, layers: readonly string[]): Escalation {
  const steps = Array.from({ length: random.whole(1, 4) }, (_, i) => ({
    layer: layers[i % layers.length] ?? 'primary',
    seconds: random.pick([10, 20, 45, 60, 120]),
    times: random.whole(1, 3),
    ...(random.chance(0.2) ? { means: [random.pick(kinds), random.pick(kinds)] } : {}),
  }));
  return {
    steps,
    joinSeconds: random.pick([30, 60, 180]),
    askSeconds: random.pick([30, 120, 300]),
    announceConsult: false,
    protocol: ['Stay.'],
  };
}

const meansOf = (random: Random): MeansKind[] =>
  random.chance(0.1) ? [] : kinds.filter((kind) => random.chance(kind === 'alarm' ? 0.7 : 0.35));

export const lineIds: readonly LineId[] = ['ours', 'theirs'];
export const lineOfPeer = ({ neighbours }: Line, peerId: string): LineId =>
  neighbours.includes(peerId) ? 'theirs' : 'ours';
