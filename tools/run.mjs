// The bootstrap behind every npm script. Plain JavaScript without dependencies, and it must parse on Node 18: it gets
// the pinned Node and pnpm from the npm registry into .tools/, installs the workspace, and runs the task on that Node.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';

const NODE = '26.10.0';
const PNPM = '12.21.0';
const SUPPORTED = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];
const MANIFESTS = ['.', 'shared', 'server', 'web', 'workers', 'tests'].map((folder) => join(folder, 'package.json'));

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const TOOLS = join(ROOT, '.tools');
const platform = `${process.platform}-${process.arch}`;
const parent = process.ppid;
const npm = npmBehindShell();

/** Type stripping without a flag or a warning, which everything here is run with, came in 24.12. */
const [major, minor] = process.versions.node.split('.').map(Number);
const ownNodeFits = major > 24 || (major === 24 && minor >= 12);
// the platform package itself: unlike `node` it needs no install script; only this one has another prefix
const nodePackage = platform === 'darwin-arm64' ? `node-bin-${platform}` : `node-${platform}`;
const nodeFolder = join(TOOLS, 'node_modules', nodePackage, 'bin');

function fail(...lines) {
  for (const line of lines) console.error(line);
  process.exit(1);
}

function checkPlatform() {
  if (!SUPPORTED.includes(platform))
    fail(
      `Hearthline does not run on ${platform}. It runs on ${SUPPORTED.join(', ')}.`,
      process.platform === 'win32' ? 'On Windows use WSL 2, or docker compose.' : 'docker compose may help.',
    );
  if (process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime)
    fail('This system has no glibc (Alpine?), and the PostgreSQL binaries need it. Use docker compose instead.');
}

function run(command, args, env, cwd, help) {
  const done = spawnSync(command, args, { cwd, env, stdio: 'inherit' });
  if (!done.error && done.status === 0) return;
  if (done.signal) process.exit(130);
  fail('', help, done.error ? `(${done.error.message})` : '');
}

const readOr = (file, otherwise) => (existsSync(file) ? readFileSync(file, 'utf8') : otherwise);

/** pnpm, and the pinned Node when the one we run on is too old. */
function getTools() {
  const stamp = join(TOOLS, 'tools.json');
  const wanted = { pnpm: PNPM, ...(ownNodeFits ? {} : { [nodePackage]: NODE }) };
  const there = JSON.parse(readOr(stamp, '{}'));
  // more than is wanted stays: a run on an older Node may be using it at this moment
  if (Object.entries(wanted).every(([name, version]) => there[name] === version) && existsSync(pnpmBinary())) return;
  console.log(`Getting ${Object.keys(wanted).join(' and ')} into .tools/ (once) …`);
  writeFileSync(join(TOOLS, 'package.json'), JSON.stringify({ private: true, dependencies: { ...there, ...wanted } }));
  const args = ['install', '--prefix', TOOLS, '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'];
  const help =
    'Could not get Node and pnpm from the npm registry. The first start needs the network (or a registry mirror in ~/.npmrc).';
  const own = process.env.npm_execpath;
  if (own && /npm-cli\.js$/.test(own))
    run(process.execPath, [own, ...args, '--loglevel=error'], process.env, TOOLS, help);
  else run('npm', [...args, '--loglevel=error'], process.env, TOOLS, help);
  writeFileSync(stamp, JSON.stringify({ ...there, ...wanted }));
}

/** The native binary: no install script of pnpm is needed, and it starts in 50 ms. */
function pnpmBinary() {
  const native = join(TOOLS, 'node_modules', '@pnpm', `exe.${platform}`, 'pnpm');
  return existsSync(native) ? native : join(TOOLS, 'node_modules', '.bin', 'pnpm');
}

/** Installs the workspace unless nothing it depends on has changed since the last time. */
function installWorkspace(env) {
  const stamp = join(TOOLS, 'installed');
  const hash = createHash('sha256').update(PNPM);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...MANIFESTS]) hash.update(readOr(join(ROOT, file), ''));
  const want = hash.digest('hex');
  const linked = MANIFESTS.every((file) => existsSync(join(ROOT, dirname(file), 'node_modules')));
  if (linked && readOr(stamp, '') === want) return;
  console.log('Installing the packages …');
  rmSync(stamp, { force: true });
  const args = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn'];
  // without a terminal pnpm would stop to ask whether it may replace a node_modules that is not its own
  const help =
    'Could not install the packages (see above). The first start needs the network; if package.json was edited, run pnpm install.';
  run(pnpmBinary(), args, { ...env, CI: 'true' }, ROOT, help);
  writeFileSync(stamp, want);
}

/**
 * npm runs scripts through a shell, and that shell outlives a SIGKILL of npm: then the shell's parent is watched too.
 * @returns {number} npm's process id, 0 when there is no shell between npm and us
 */
function npmBehindShell() {
  if (!process.env.npm_lifecycle_event) return 0;
  const shown = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(parent)], { encoding: 'utf8' });
  const [, pid, name] = /^\s*(\d+)\s+(.*?)\s*$/m.exec(shown.stdout || '') || [];
  return /(^|\/)-?(sh|dash|bash|ash|zsh)$/.test(name || '') ? Number(pid) : 0;
}

function npmLives() {
  if (npm === 0) return true;
  try {
    process.kill(npm, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const [task = 'start', ...rest] = process.argv.slice(2);
checkPlatform();
const env = { ...process.env };
mkdirSync(TOOLS, { recursive: true });
await withLock(join(TOOLS, 'lock'), () => {
  getTools();
  if (!ownNodeFits) env.PATH = nodeFolder + delimiter + env.PATH;
  for (const name of Object.keys(env)) if (/^npm_/i.test(name)) delete env[name]; // npm's settings are not pnpm's
  installWorkspace(env);
}).catch((error) => {
  const readOnly = error.code === 'EACCES' || error.code === 'EROFS';
  fail(readOnly ? `This folder cannot be written to: ${ROOT}` : error.message);
});
if (process.ppid !== parent) process.exit(143);

const node = ownNodeFits ? process.execPath : join(nodeFolder, 'node');
const child = spawn(node, [join(ROOT, 'tools', 'tasks.mjs'), task, ...rest], { cwd: ROOT, env, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// the same watch as in parentWatch.mjs: a SIGTERM to npm never arrives here
const watch = setInterval(() => {
  if (process.ppid === parent && npmLives()) return;
  clearInterval(watch);
  child.kill('SIGTERM');
}, 250);
watch.unref();
child.on('error', (error) => fail(error.message));
child.on('exit', (code, signal) => process.exit(signal ? 143 : (code ?? 1)));
