import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { ROOT, TOOLS } from './paths.mjs';
import { runProgram } from './program.mjs';

const WEB = join(ROOT, 'web');
const STAMP = join(WEB, 'build', '.stamp');
const SOURCES = ['web/src', 'web/static', 'web/messages', 'web/project.inlang', 'shared/src'];
/** Written by the build itself, so not part of what makes it stale. */
const GENERATED = /paraglide|\.test\.ts$|project\.inlang\/(cache|README|\.)/;

/** Builds the web pages when a source has changed since the last build; true when it did build. */
export async function buildWeb({ force = false, say = () => {} } = {}) {
  if (!existsSync(join(WEB, 'vite.config.ts'))) return false; // nothing to build
  return withLock(join(TOOLS, 'build.lock'), async () => {
    const want = sourceHash();
    if (!force && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === want) return false;
    say('building the web pages (about 15 s)');
    const vite = join(WEB, 'node_modules', 'vite', 'bin', 'vite.js');
    const env = { ...process.env, NODE_ENV: 'production' };
    const { code, output } = await runProgram([vite, 'build', '--logLevel', 'warn'], { cwd: WEB, env, quiet: true });
    if (code !== 0) throw new Error(`The web build failed:\n${output}`);
    writeFileSync(STAMP, want);
    return true;
  });
}

function sourceHash() {
  const hash = createHash('sha256');
  const config = readdirSync(WEB).filter((name) => /\.(ts|js|json|html)$/.test(name));
  const files = [join(ROOT, 'pnpm-lock.yaml'), ...config.map((name) => join(WEB, name))];
  for (const folder of SOURCES) files.push(...filesBelow(join(ROOT, folder)));
  for (const file of files.filter((path) => !GENERATED.test(path)).sort())
    hash.update(file.slice(ROOT.length)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
