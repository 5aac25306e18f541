import type { Outcome } from './rig.ts';

type Run = { outcomes: readonly Outcome[]; notRun: number; seed: number; machine: string; at: Date };

/** What reliability promises, and which measure tells. Milliseconds; the worst of all scenarios that have one. */
const targets: { what: string; measure: string; most: number; only?: RegExp }[] = [
  {
    what: 'a killed server: its people are back',
    measure: 'back ms',
    most: 5000,
    only: /^a server is killed|^rolling/,
  },
  { what: 'after any reconnect nothing is missing any more', measure: 'complete ms', most: 2000 },
  {
    what: 'a word is heard by the other one, also while servers come and go',
    measure: 'heard ms',
    most: 2000,
    only: /^nothing breaks|^rolling|^a server is killed/,
  },
  { what: 'Redis lost: the queue is whole again', measure: 'queue whole ms', most: 30_000 },
  {
    what: 'PostgreSQL is back: words go through',
    measure: 'writes back ms',
    most: 10_000,
    only: /PostgreSQL|database/,
  },
  { what: 'Redis away: offers go on', measure: 'offers meanwhile ms', most: 5000 },
  {
    what: 'the matching worker frozen: another matches',
    measure: 'offers again ms',
    most: 5000,
    only: /worker that matches/,
  },
  { what: 'a ladder climbs: later than its timer, whatever dies', measure: 'step late ms', most: 2000 },
];
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** docs/faults.md: what was run, what held, and what was measured, as it was. */
export function asDocument({ outcomes, notRun, seed, machine, at }: Run): string {
  const rows = outcomes.map((o) => {
    const measured = Object.entries(o.measured)
      .map(([name, n]) => (name.endsWith(' ms') ? `${name.slice(0, -3)} ${seconds(n)}` : `${name} ${n}`))
      .join(', ');
    const held = o.violations.length === 0 ? 'held' : `**broken**: ${o.violations.slice(0, 3).join('; ')}`;
    return `| ${o.name} | ${o.faults.join(' ')} | ${held} | ${o.talks} | ${measured} |`;
  });
  const goals = targets.map(({ what, measure, most, only }) => {
    const seen = outcomes.filter((o) => measure in o.measured && (only?.test(o.name) ?? true));
    const worst = Math.max(...seen.map((o) => o.measured[measure] ?? 0));
    const judged = seen.length === 0 ? 'not seen' : `${seconds(worst)} ${worst <= most ? '✓' : '✗'}`;
    return `| ${what} | ≤ ${seconds(most)} | ${judged} | ${seen.length} |`;
  });
  return `# Faults

Written by \`npm run test:faults -- --write\` on ${at.toISOString().slice(0, 10)}, seed ${seed}, on ${machine}. Three servers behind a
load balancer without sticky sessions, two workers, one PostgreSQL (fsync on), one Redis; every way between them goes through
a proxy that fails on command (\`tests/faults\`). Simulated callers and peers ask, talk, end and wrap up all the while; they
reconnect, repeat and fetch like our pages. Where clinicians are called, peers press, callers agree or not, and clinicians come, say no,
say nothing, or say that they come and never do; a ladder there has steps of two seconds, and its provider refuses, hangs or delivers
nothing on command. After each scenario all invariants of \`tests/faults/checks\` are judged over what
everybody was told and the rows that are left; each checker is proven by hand-made histories, some by bugs seeded into the
product (\`tests/faults/mutants\`).

## Targets

| what | target | worst seen | in scenarios |
|---|--:|--:|--:|
${goals.join('\n')}

## Scenarios

${outcomes.filter((o) => o.violations.length === 0).length} held, ${outcomes.filter((o) => o.violations.length > 0).length} broken, ${notRun} not run this time. "back": longest without a connection; "complete": longest from a
connection (or, where that very server froze after it, from its waking) until nothing of the talk was missing; "heard": longest from "sent" until the other one had it; "step late": by how much a ladder went on later than its timer, at worst.

| scenario | rows of the catalogue | invariants | talks ended | measured |
|---|---|---|--:|---|
${rows.join('\n')}
`;
}
