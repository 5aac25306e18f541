import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../lock.mjs';
import { onParentDeath } from '../parentWatch.mjs';
import { ROOT } from '../paths.mjs';
import { LIVEKIT_VERSION, findLivekit } from './livekitBinary.mjs';
import { onPath } from './redisBinary.mjs';

const COMMAND = 'github.com/livekit/livekit-server/cmd/server';
/** An older one cannot fetch by itself the version that the module asks for. */
const OLDEST_MINOR = 21;
const TELL_MS = 15_000;
/** For another command that builds the same; a slow machine takes longer than was said. */
const PATIENCE_MS = 30 * 60_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Where Go's own installer puts it, which is on the PATH of a login shell only. */
const USUAL = '/usr/local/go/bin/go';

/** A Go on this machine that can build LiveKit, or undefined. */
export function findGo(look = onPath) {
  const command = look('go') ?? (existsSync(USUAL) ? USUAL : undefined);
  if (!command) return undefined;
  const shown = spawnSync(command, ['env', 'GOVERSION'], { encoding: 'utf8', env: goEnv() });
  const [, minor] = /^go1\.(\d+)/.exec(shown.stdout ?? '') ?? [];
  return Number(minor) >= OLDEST_MINOR ? command : undefined;
}

/** Flags and workspaces of the machine are for its own projects; its proxy and its caches are what we want to use. */
const goEnv = () => ({ ...process.env, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' });

/**
 * Builds one from our own Go module into `.tools/`: once, whoever asks at the same time. Says how far it is.
 *
 * @param {string} go
 * @returns {Promise<boolean>} whether it is there now; a failed build is said and is no error
 */
export async function buildLivekit(go, tools, say) {
  const there = join(tools, 'livekit-server');
  const half = join(tools, 'livekit.half', 'livekit-server');
  const build = async () => {
    if (findLivekit(tools, { docker: false, look: () => undefined })) return true;
    say(`building LiveKit ${LIVEKIT_VERSION} from its Go module into .tools/ (once, about 4 to 8 minutes)`);
    rmSync(join(half, '..'), { recursive: true, force: true });
    mkdirSync(join(half, '..'));
    try {
      const { code, output } = await goBuild(go, half, say);
      if (code === 0) renameSync(half, there);
      say(code === 0 ? 'LiveKit is built' : `LiveKit could not be built:\n${lastLines(output)}`);
      return code === 0;
    } finally {
      rmSync(join(half, '..'), { recursive: true, force: true });
    }
  };
  return withLock(join(tools, 'livekit.lock'), build, PATIENCE_MS);
}

const lastLines = (text) => text.trim().split('\n').slice(-5).join('\n');

/** `-v` names each package when it is done, which is the only measure of progress there is. */
function goBuild(go, file, say) {
  const args = ['build', '-v', '-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags=-s -w', '-o', file, COMMAND];
  return new Promise((done, fail) => {
    const started = Date.now();
    const child = spawn(go, args, {
      cwd: join(ROOT, 'tools', 'livekit'),
      env: goEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let built = 0;
    let stopped = false;
    const stop = () => {
      stopped = true;
      child.kill('SIGTERM');
    };
    for (const signal of SIGNALS) process.on(signal, stop);
    onParentDeath(stop);
    const tell = setInterval(() => {
      const seconds = Math.round((Date.now() - started) / 1000);
      say(built === 0 ? `  fetching modules, ${seconds} s` : `  ${built} packages built, ${seconds} s`);
    }, TELL_MS);
    const end = (code, more = '') => {
      clearInterval(tell);
      for (const signal of SIGNALS) process.off(signal, stop);
      if (stopped) fail(new Error('stopped'));
      else done({ code, output: output + more });
    };
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        const lines = String(text).split('\n');
        built += lines.filter((line) => /^[\w.-]+(\/[\w.~-]+)*$/.test(line)).length;
        output = (output + text).slice(-8000);
      });
    child.on('error', (error) => end(1, error.message));
    child.on('close', (code) => end(code ?? 1));
  });
}
