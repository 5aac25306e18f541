import { close, open } from './services.ts';

/**
 * One private PostgreSQL for the whole run. Each project that asks for it loads this module anew, so what they share hangs
 * on the process: started by the first, and stopped with the last by the module that started it.
 */
const shared = globalThis as { hearthlineTests?: { users: number; opened: Promise<void>; close: typeof close } };

export async function setup(): Promise<void> {
  shared.hearthlineTests ??= { users: 0, opened: open(), close };
  shared.hearthlineTests.users++;
  await shared.hearthlineTests.opened;
}

export async function teardown(): Promise<void> {
  const tests = shared.hearthlineTests;
  if (tests && --tests.users === 0) await tests.close();
}
