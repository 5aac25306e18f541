import { close, open } from './services.ts';

/** One private PostgreSQL for the whole run. Two projects ask for it; it is started once and stopped with the last. */
const shared = globalThis as { hearthlineTestUsers?: number };

export async function setup(): Promise<void> {
  shared.hearthlineTestUsers = (shared.hearthlineTestUsers ?? 0) + 1;
  if (shared.hearthlineTestUsers === 1) await open();
}

export async function teardown(): Promise<void> {
  shared.hearthlineTestUsers = (shared.hearthlineTestUsers ?? 1) - 1;
  if (shared.hearthlineTestUsers === 0) await close();
}
