import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
export const TOOLS = join(ROOT, '.tools');
export const DATA = resolve(ROOT, process.env.HEARTHLINE_DATA_DIR || '.data');
export const KEYS = resolve(ROOT, process.env.HEARTHLINE_KEYS_DIR || '.data-keys');

/** Where the supervisor says how to reach what it runs; there only while it runs. */
export const RUN_FILE = join(DATA, 'run.json');

/** The running supervisor's addresses, undefined when none runs. */
export function running() {
  if (!existsSync(RUN_FILE)) return undefined;
  const run = JSON.parse(readFileSync(RUN_FILE, 'utf8'));
  try {
    process.kill(run.pid, 0);
    return run;
  } catch (error) {
    return error.code === 'EPERM' ? run : undefined;
  }
}

/** Makes the data folders, closed to others. As root the data folder may be passed through: PostgreSQL runs as nobody. */
export function makeFolders() {
  const through = process.getuid?.() === 0 ? 0o711 : 0o700;
  for (const [folder, mode] of [
    [DATA, through],
    [join(DATA, 'logs'), 0o700],
    [KEYS, 0o700],
  ]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, mode);
  }
}
