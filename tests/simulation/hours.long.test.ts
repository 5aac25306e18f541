import { expect, test } from 'vitest';
import { play } from './run.ts';

/** SIMULATION_SEEDS=from-to and SIMULATION_HOURS play others; `node tests/simulation/cli.ts` plays them without a test runner. */
const [from = 1, to = from] = (process.env['SIMULATION_SEEDS'] ?? '1001-1060').split('-').map(Number);
const hours = Number(process.env['SIMULATION_HOURS'] ?? 5);

test(`hundreds of hours: seeds ${from} to ${to}, ${hours} hours each`, { timeout: 3_600_000 }, () => {
  const counts: Record<string, number> = {};
  let played = 0;
  for (let seed = from; seed <= to; seed++) {
    const outcome = play({ seed: String(seed), hours });
    const { violations } = outcome;
    expect(violations.length === 0 ? '' : `seed ${seed}\n${outcome.history()}\n${violations.join('\n')}`).toBe('');
    for (const [name, n] of Object.entries(outcome.counts)) counts[name] = (counts[name] ?? 0) + n;
    played += outcome.hours;
  }
  console.log(
    `${played.toFixed(0)} hours played; escalations: ${counts['→ paging'] ?? 0} called, ${counts['→ exhausted'] ?? 0} exhausted; invitations: ${counts['invitation.asking'] ?? 0} asked, ${counts['invitation.joined'] ?? 0} joined`,
  );
  // a world in which these do not happen would prove nothing about them
  const all = ['joined', 'left', 'closed', 'refused', 'unanswered', 'withdrawn', 'exhausted'].map(
    (state) => `→ ${state}`,
  );
  const acts = [
    'conversation.handOver',
    'followed',
    'took',
    'conversation.return',
    'party.remove',
    'page.giveUp',
    'escalation.pageSettled',
    ...['joined', 'refused', 'unanswered', 'returned', 'withdrawn'].map((state) => `invitation.${state}`),
    'moved',
  ];
  for (const name of [...all, ...acts]) expect(counts[name] ?? 0, name).toBeGreaterThan(0);
});
