import type { LineConfig } from '@hearthline/shared/contracts/line';
import type { Sql } from './pool.ts';

export type Line = { id: string; config: LineConfig };
export type Lines = {
  byId(id: string): Line | null;
  bySlug(slug: string): Line | null;
  first(): Line | null;
  all(): readonly Line[];
  load(): Promise<void>;
  stop(): void;
};

/** Lines change by command, rarely: kept in memory and read again every 5 s. */
export async function createLines(sql: Sql, every = 5000): Promise<Lines> {
  let lines: Line[] = [];
  async function load() {
    const { rows } = await sql.query<Line>('select id, config from line order by created_at, id', []);
    lines = rows;
  }
  await load();
  const timer = setInterval(() => void load().catch(() => {}), every);
  timer.unref();
  return {
    byId: (id) => lines.find((l) => l.id === id) ?? null,
    bySlug: (slug) => lines.find((l) => l.config.slug === slug) ?? null,
    first: () => lines[0] ?? null,
    all: () => lines,
    load,
    stop: () => clearInterval(timer),
  };
}
