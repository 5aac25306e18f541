import { spawn } from 'node:child_process';

/**
 * The guard: a small shell between us and a service. It holds one end of a socket pair as fd 3; end of file there means
 * that we are gone, in whatever way (SIGKILL too), and it then stops the service: politely, and after the grace by force.
 * It also tells the service's own pid on fd 3, so that a test can kill the service and not the guard.
 */
const GUARD = `
sig=$1; grace=$2; shift 2
"$@" </dev/null 3<&- &
p=$!
trap 'kill -s $sig $p 2>/dev/null' TERM INT HUP
echo $p >&3
(
  trap '' TERM INT HUP
  while read -r _ <&3; do :; done
  kill -s $sig $p 2>/dev/null
  n=0
  while kill -0 $p 2>/dev/null && [ $n -lt $grace ]; do sleep 0.1; n=$((n + 1)); done
  kill -s KILL $p 2>/dev/null
) >/dev/null 2>&1 &
w=$!
while :; do
  wait $p; rc=$?
  kill -0 $p 2>/dev/null || break
done
kill -s KILL $w 2>/dev/null
exit $rc
`;

/**
 * Starts a program that cannot outlive us.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined>, cwd?: string, uid?: number, gid?: number,
 *           signal?: 'TERM' | 'INT', graceMs?: number }} options signal: what a polite stop is for this program
 */
export function guarded(command, args, options = {}) {
  const { env = process.env, cwd = '/', uid, gid, signal = 'TERM', graceMs = 10_000 } = options;
  // its own process group: Ctrl-C in the terminal must reach the supervisor alone, which stops things in order
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', signal, String(Math.ceil(graceMs / 100)), command, ...args], {
    ...(uid === undefined ? {} : { uid, gid }),
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let pid = 0;
  let running = true;
  const link = child.stdio[3];
  link.on('error', () => {}); // the guard closing its end first is no news
  const started = new Promise((done) => {
    link.once('data', (text) => {
      pid = Number(String(text));
      done(pid);
    });
    child.once('error', () => done(0));
    child.once('exit', () => done(0));
  });
  const exited = new Promise((done) => {
    child.once('error', (error) => {
      running = false;
      done({ code: null, error });
    });
    child.once('exit', (code, byForce) => {
      running = false;
      if (byForce && pid) send(pid, 'SIGKILL'); // someone killed the guard: its service must not stay behind
      done({ code });
    });
  });
  const kill = async (name) => {
    await started;
    if (running && pid) send(pid, name);
  };
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    get pid() {
      return pid;
    },
    get running() {
      return running;
    },
    kill,
    /** Polite first, by force after the grace; resolves when it is gone. */
    async stop() {
      if (!running) return;
      await kill(`SIG${signal}`);
      const timer = setTimeout(() => void kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // gone already, which is what was wanted
  }
}
