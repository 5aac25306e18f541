import { spawnSync } from 'node:child_process';
import { onPath } from './services/redisBinary.mjs';

/** A relay for the tests of calls browser to browser, or undefined. As root on Debian and Ubuntu it is installed when missing. */
export function findTurn(say) {
  const found = onPath('turnserver');
  if (found) return found;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return undefined;
  say('installing coturn for the tests of calls …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', ['-qq', ...args], { env, stdio: 'ignore' }).status === 0;
  if (!apt('install', '-y', '--no-install-recommends', 'coturn') && apt('update'))
    apt('install', '-y', '--no-install-recommends', 'coturn');
  return onPath('turnserver');
}
