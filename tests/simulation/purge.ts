import type { TableName } from './store/rows.ts';
import type { World } from './world.ts';

const hour = 3_600_000;

/** What is over goes when its time has come (V2), so that thousands of hours fit into memory. */
export function purge(world: World): void {
  const { store, now, ledger } = world;
  store.transact(() => {
    for (const [id, endedAt] of world.over) {
      if (endedAt > now - 24 * hour) break;
      world.over.delete(id);
      removeRequest(world, id);
    }
    for (const command of store.live('command').values())
      if (command.at < now - hour) store.remove('command', command.id);
  });
  ledger.handed.clear();
  world.after(hour, 'purge', () => purge(world));
}

/** With everything that hangs on it. */
function removeRequest({ store, ledger }: World, id: string): void {
  const drop = (table: TableName, rows: readonly { id: string }[]) => rows.forEach((r) => store.remove(table, r.id));
  for (const talk of store.of('talk', id)) {
    const all = [talk, ...store.of('talk', `side ${talk.id}`)];
    for (const one of all) {
      for (const x of store.of('participant', one.id)) ledger.stays.delete(`${x.talkId}/${x.partyId}`);
      drop('participant', store.of('participant', one.id));
      drop('message', store.of('message', one.id));
      drop('wrapUp', store.of('wrapUp', one.id));
    }
    for (const e of store.of('escalation', talk.id)) {
      drop('page', store.of('page', e.id));
      drop('consent', store.of('consent', e.id));
    }
    drop('escalation', store.of('escalation', talk.id));
    for (const i of store.of('invitation', talk.id)) drop('consent', store.of('consent', i.id));
    drop('invitation', store.of('invitation', talk.id));
    drop('talk', all);
  }
  drop('offer', store.of('offer', id));
  drop('exclusion', store.of('exclusion', id));
  store.remove('request', id);
}
