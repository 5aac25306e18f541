import { setImmediate as turn } from 'node:timers/promises';
import type pg from 'pg';

const mostIds = 256;
/** So many batches of a statement may be under way: one alone would wait for the whole way there and back. */
const width = 2;

type Waiting = { id: string; answer: (rows: unknown[]) => void; fail: (e: unknown) => void };

/**
 * Reads by id, collected: what comes in one turn of the event loop, or while others are under way, goes together. A read that
 * is asked for after a commit sees it, since its batch starts later. Hundreds of people then cost a handful of statements.
 */
export type BatchedReads = {
  /** @param text a statement of one parameter, `$1::uuid[]`, whose rows tell in the column `key` which id they belong to. */
  rows<R>(text: string, id: string): Promise<R[]>;
};

export function createBatchedReads(pool: pg.Pool): BatchedReads {
  const statements = new Map<string, { name: string; waiting: Waiting[]; running: number }>();

  async function run(text: string, statement: { name: string; waiting: Waiting[]; running: number }): Promise<void> {
    statement.running++;
    while (statement.waiting.length > 0) {
      await turn(); // what else is asked for in this turn of the event loop goes with it
      const batch = statement.waiting.splice(0, mostIds);
      if (batch.length === 0) break; // another took them
      try {
        const ids = [...new Set(batch.map((w) => w.id))];
        const { rows } = await pool.query<{ key: string }>({ name: statement.name, text, values: [ids] });
        const byKey = Map.groupBy(rows, (r) => r.key);
        for (const w of batch) w.answer(byKey.get(w.id) ?? []);
      } catch (error) {
        for (const w of batch) w.fail(error);
      }
    }
    statement.running--;
  }

  return {
    rows<R>(text: string, id: string) {
      let statement = statements.get(text);
      if (!statement) statements.set(text, (statement = { name: `read-${statements.size}`, waiting: [], running: 0 }));
      const { waiting, running } = statement;
      return new Promise<R[]>((answer, fail) => {
        waiting.push({ id, answer: answer as (rows: unknown[]) => void, fail });
        if (running < width) void run(text, statement);
      });
    },
  };
}
