import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withLock } from '../lock.mjs';

const INSTALL_LINE = {
  darwin: 'brew install redis',
  linux: 'sudo apt-get install -y redis-server   (or: dnf install valkey, pacman -S valkey, apk add redis)',
};
/** Ubuntu and older Debian link more than redis-tools names; what a release does not have is left out. */
const ALSO = ['liblua5.1-0', 'lua-cjson', 'lua-bitop', 'liblzf1', 'libjemalloc2', 'libatomic1'];
const NOT_NEEDED = /^(adduser|libc6|redis-.*)$/;

/**
 * Finds a Redis: on the PATH, else unpacked earlier, else the distribution's package, downloaded and unpacked into
 * .tools/ without root and without touching the system.
 *
 * @returns {Promise<{ command: string, env: Record<string, string> }>}
 */
export async function findRedis(tools, say = () => {}) {
  for (const name of ['redis-server', 'valkey-server']) {
    const command = onPath(name);
    if (command) return { command, env: {} };
  }
  const home = join(tools, 'redis');
  const found = unpacked(home);
  if (found) return found;
  if (onPath('apt-get') && onPath('dpkg-deb')) {
    say('getting Redis into .tools/ (once)');
    const made = await withLock(join(tools, 'redis.lock'), () => unpacked(home) ?? download(home));
    if (made) return made;
  }
  throw new Error(
    `Redis is not installed, and could not be fetched. Install it with:\n\n  ${INSTALL_LINE[process.platform] ?? INSTALL_LINE.linux}\n\n` +
      'or set REDIS_URL to one that runs elsewhere (maxmemory-policy noeviction).',
  );
}

export function onPath(name) {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .concat('/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin');
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function unpacked(home) {
  const command = join(home, 'redis-server');
  if (!existsSync(command)) return undefined;
  const lib = join(home, 'usr', 'lib');
  const folders = readdirSync(lib).filter((name) => name.includes('-linux-gnu'));
  const env = { LD_LIBRARY_PATH: folders.map((name) => join(lib, name)).join(':') };
  const works = spawnSync(command, ['--version'], { env: { ...process.env, ...env } }).status === 0;
  return works ? { command, env } : undefined;
}

/** Downloads in a folder beside, and renames it into place when it is whole. */
function download(home) {
  const half = `${home}.half`;
  rmSync(half, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
  const cache = join(half, 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial', 'debs'])
    mkdirSync(join(cache, folder), { recursive: true });

  let options = ['-o', 'Debug::NoLocking=1'];
  if (!lists(options).length) {
    // this machine has empty package lists (a container image): fetch them into a folder of our own
    options = [
      ...options,
      '-o',
      `Dir::State::lists=${join(cache, 'lists')}`,
      '-o',
      `Dir::Cache=${join(cache, 'cache')}`,
    ];
    apt('apt-get', [...options, 'update'], cache);
  }
  const names = [...new Set(['redis-tools', ...lists(options), ...ALSO])];
  // one at a time where the whole fails: a name that this release does not have must not spoil the rest
  if (!apt('apt-get', [...options, 'download', ...names], join(cache, 'debs')))
    for (const name of names) apt('apt-get', [...options, 'download', name], join(cache, 'debs'));
  const debs = readdirSync(join(cache, 'debs')).filter((name) => name.endsWith('.deb'));
  for (const deb of debs) spawnSync('dpkg-deb', ['-x', join(cache, 'debs', deb), half]);

  // Debian ships one binary under several names, and the name chooses the role
  const binary = ['redis-check-rdb', 'valkey-check-rdb'].find((name) => existsSync(join(half, 'usr', 'bin', name)));
  if (!binary) return undefined;
  symlinkSync(join('usr', 'bin', binary), join(half, 'redis-server'));
  rmSync(cache, { recursive: true, force: true });
  renameSync(half, home);
  return unpacked(home);
}

/** What redis-tools depends on in this release; empty when the package lists are. */
function lists(options) {
  const shown = spawnSync('apt-cache', [...options, 'depends', 'redis-tools'], { encoding: 'utf8' });
  const named = [...(shown.stdout ?? '').matchAll(/^\s+\|?Depends: ([a-z0-9.+-]+)$/gm)].map((match) => match[1]);
  return named.filter((name) => !NOT_NEEDED.test(name));
}

const apt = (command, args, cwd) => spawnSync(command, args, { cwd, stdio: 'ignore' }).status === 0;
