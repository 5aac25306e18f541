import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { onPath } from './services/redisBinary.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** A Chromium for the browser tests, or undefined. As root on Debian and Ubuntu it is installed when missing. */
export function findBrowser(say) {
  const found = present();
  if (found) return found;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return undefined;
  say('installing chromium for the browser tests (about 40 s) …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', ['-qq', ...args], { env, stdio: 'ignore' }).status === 0;
  if (!apt('install', '-y', '--no-install-recommends', 'chromium') && apt('update'))
    apt('install', '-y', '--no-install-recommends', 'chromium');
  return present();
}

function present() {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH && existsSync(CHROME_PATH)) return CHROME_PATH;
  const installed = NAMES.map(onPath).find(Boolean);
  if (installed) return installed;
  if (existsSync(MAC)) return MAC;
  return playwrights();
}

/** What `playwright install chromium` has left in its cache, the newest first. */
function playwrights() {
  const caches = [process.env.PLAYWRIGHT_BROWSERS_PATH, join(homedir(), '.cache/ms-playwright')];
  for (const cache of caches.filter((folder) => folder && existsSync(folder))) {
    const folders = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name));
    for (const name of folders.sort().reverse())
      for (const bin of ['chrome-linux/chrome', 'chrome-linux64/chrome'])
        if (existsSync(join(cache, name, bin))) return join(cache, name, bin);
  }
  return undefined;
}
