import type { Outcome } from './runScenario.ts';
import { scenarios } from './scenarios.ts';

type Run = {
  outcomes: readonly Outcome[];
  failed: readonly string[];
  skipped: readonly string[];
  machine: string;
  at: Date;
};
const shown = (ms: number | null) => (ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`);

/** docs/faults.md: what was run, what held, and the longest times seen, as they were. */
export function asDocument({ outcomes, failed, skipped, machine, at }: Run): string {
  const rows = scenarios.map((s) => {
    const faults = s.faults.join(', ');
    const o = outcomes.find((x) => x.name === s.name);
    if (!o)
      return `| ${s.name} | ${faults} | ${failed.includes(s.name) ? '**did not finish**' : 'not run'} | | | | | |`;
    const broken = Object.keys(o.broken);
    const m = o.measures;
    return `| ${s.name} | ${faults} | ${broken.length > 0 ? `**broken: ${broken.join(', ')}**` : 'held'} | ${o.seed} | ${o.messages} | ${shown(m.away)} | ${shown(m.messageSent)} | ${shown(m.headWaited)} |`;
  });
  return `# Faults

Written by \`npm run test:faults -- --write\` on ${at.toISOString().slice(0, 10)}, on ${machine}, which may have done other work.
Three servers and two workers on one PostgreSQL (fsync on) and one Redis, each way between them through a proxy that can fail
(\`tests/faults\`). Simulated callers and peers come back by themselves to any server, as pages do. After each run all
invariants of \`tests/faults/checks\` are judged over what everybody was told and the rows that were left.

Longest times of a run: without a line to any server; from sending a message to its acknowledgement, retries included; first
in line beside a free peer. They include the fault itself where it stops that very thing (PostgreSQL, for instance).

| scenario | rows of the catalogue | invariants | seed | messages | without a line | message sent | head of the line |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}

${outcomes.length} of ${scenarios.length} scenarios were run${skipped.length > 0 ? `; not run: ${skipped.join(', ')}` : ''}.
`;
}
