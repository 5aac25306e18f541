import { readFile } from 'node:fs/promises';
import { LineConfig, weekdays } from '@hearthline/shared/contracts/line';
import type pg from 'pg';
import { parse } from 'yaml';
import { randomUUID } from 'node:crypto';

/** @throws an error whose message names every wrong key of the file. */
export function parseLine(text: string): LineConfig {
  const read = LineConfig.safeParse(parse(text));
  if (!read.success)
    throw new Error(
      `The line file is wrong:\n${read.error.issues.map((i) => `  ${i.path.join('.') || '(top)'}: ${i.message}`).join('\n')}`,
    );
  const problems = [...zoneProblems(read.data), ...hoursProblems(read.data)];
  if (problems.length > 0) throw new Error(`The line file is wrong:\n${problems.map((p) => `  ${p}`).join('\n')}`);
  return read.data;
}
export const readLineFile = async (path: string | URL): Promise<LineConfig> => parseLine(await readFile(path, 'utf8'));

function zoneProblems(line: LineConfig): string[] {
  try {
    new Intl.DateTimeFormat('en', { timeZone: line.timeZone });
    return [];
  } catch {
    return ['timeZone: there is no such zone'];
  }
}

function hoursProblems(line: LineConfig): string[] {
  const days = [
    ...weekdays.map((d) => [`hours.${d}`, line.hours[d] ?? []] as const),
    ...Object.entries(line.holidays).map(([d, s]) => [`holidays.${d}`, s] as const),
  ];
  return days.flatMap(([path, spans]) => {
    const sorted = [...spans].sort((a, b) => (a.from < b.from ? -1 : 1));
    return sorted.flatMap((s, i) => {
      const before = sorted[i - 1];
      if (s.from >= s.to)
        return [`${path}: ${s.from} to ${s.to} ends before it starts; a night goes on at 00:00 of the next day`];
      return before && s.from < before.to ? [`${path}: ${s.from} overlaps the span before it`] : [];
    });
  });
}

/** Makes the line of this slug or changes it. Running servers read it within 5 s. */
export async function saveLine(pool: pg.Pool, line: LineConfig): Promise<'made' | 'changed'> {
  const { rows } = await pool.query<{ made: boolean }>(
    `insert into line (id, slug, config, created_at, updated_at) values ($1, $2, $3, now(), now())
     on conflict (slug) do update set config = excluded.config, version = line.version + 1, updated_at = now() returning version = 1 as made`,
    [randomUUID(), line.slug, JSON.stringify(line)],
  );
  return rows[0]?.made ? 'made' : 'changed';
}
