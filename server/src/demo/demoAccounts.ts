import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '@hearthline/shared/contracts/ids';

/** Passwords and secrets of the demo, made on the first run; they live in the data folder and nowhere else. */
export type DemoAccount = { role: Role; name: string; email: string; password: string; secret: string | null };

export const demoPeople: readonly { role: Role; name: string; email: string; title?: string }[] = [
  { role: 'peer', name: 'Maya', email: 'maya@demo.example' },
  { role: 'peer', name: 'Idris', email: 'idris@demo.example' },
  { role: 'clinician', name: 'Ana', email: 'ana@demo.example', title: 'nurse' },
  { role: 'clinician', name: 'Tom', email: 'tom@demo.example', title: 'nurse practitioner' },
  { role: 'coordinator', name: 'Rosa', email: 'rosa@demo.example' },
  { role: 'administrator', name: 'Sam', email: 'sam@demo.example' },
];

const file = (dataDir: string) => join(dataDir, 'demo-accounts.json');

export function readDemoAccounts(dataDir: string): DemoAccount[] {
  try {
    return JSON.parse(readFileSync(file(dataDir), 'utf8')) as DemoAccount[];
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw e;
  }
}

export function writeDemoAccounts(dataDir: string, accounts: readonly DemoAccount[]): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = file(dataDir);
  writeFileSync(`${path}.new`, JSON.stringify(accounts, null, 2), { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}
