import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onPath } from './redisBinary.mjs';

/** The newest one that builds from the module proxy with checksums (`tools/livekit/go.mod`). */
export const LIVEKIT_VERSION = '1.13.5';
const IMAGE = `livekit/livekit-server:v${LIVEKIT_VERSION}`;
const ANSWERS_MS = 5000;
/** A small image, but the line must open also where the registry is slow. */
const PULL_MS = 120_000;

/**
 * The media server that can be started here, the first of: one on the PATH, one in `.tools/`, the official image where a
 * Docker engine answers (Linux only: elsewhere its containers have no network of the host). One that does not run is as
 * good as none.
 *
 * @param {string} tools
 * @param {{ docker?: boolean, say?: (text: string) => void, look?: (name: string) => string | undefined }} options
 *   docker: false leaves the engine alone; look: finds a command
 * @returns {{ command: string, before: string[], image?: string, version: string, from: string } | undefined}
 *   before: arguments that come first
 */
export function findLivekit(tools, { docker = true, say = () => {}, look = onPath } = {}) {
  const installed = look('livekit-server');
  const built = join(tools, 'livekit-server');
  for (const [command, from] of [
    [installed, installed],
    [existsSync(built) ? built : undefined, '.tools/livekit-server'],
  ]) {
    const version = command && versionOf(command);
    if (version) return { command, before: [], version, from };
    if (command) say(`calls: ${from} does not run here, and is left out`);
  }
  return docker && process.platform === 'linux' ? fromDocker(say, look('docker')) : undefined;
}

function versionOf(command) {
  const shown = spawnSync(command, ['--version'], { encoding: 'utf8', timeout: ANSWERS_MS });
  return shown.status === 0 ? /version (\S+)/.exec(shown.stdout)?.[1] : undefined;
}

function fromDocker(say, command) {
  const runs = (timeout, ...args) => spawnSync(command, args, { stdio: 'ignore', timeout }).status === 0;
  if (!command || !runs(ANSWERS_MS, 'info')) return undefined;
  if (!runs(ANSWERS_MS, 'image', 'inspect', IMAGE)) {
    say(`getting the image ${IMAGE} (once)`);
    if (!runs(PULL_MS, 'pull', '--quiet', IMAGE)) {
      say(`calls: ${IMAGE} could not be fetched`);
      return undefined;
    }
  }
  const before = ['run', '--rm', '--network', 'host'];
  return { command, before, image: IMAGE, version: LIVEKIT_VERSION, from: 'in Docker' };
}
