import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/**
 * Every package of the lockfile, once a version, in order of name and version.
 * @param {string} root
 * @returns {{ name: string, version: string, integrity: string, optional: boolean }[]} optional: left out where it does not fit
 *   the system
 */
export function lockedPackages(root) {
  const lock = parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'));
  const needed = new Set(
    Object.entries(lock.snapshots).flatMap(([key, { optional }]) => (optional ? [] : [key.replace(/\(.*$/, '')])),
  );
  return Object.entries(lock.packages)
    .map(([key, { resolution }]) => {
      const at = key.lastIndexOf('@');
      const [name, version] = [key.slice(0, at), key.slice(at + 1)];
      return { name, version, integrity: resolution.integrity ?? '', optional: !needed.has(key) };
    })
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
const key = ({ name, version }) => `${name}@${version}`;

/**
 * The licence that each installed package names. The lockfile names none, so the package's own manifest is read.
 * @returns {Map<string, string>} by `name@version`
 */
export function installedLicences(root) {
  const store = join(root, 'node_modules', '.pnpm');
  const licences = new Map();
  for (const folder of readdirSync(store)) {
    const modules = join(store, folder, 'node_modules');
    if (!existsSync(modules)) continue;
    for (const name of namesIn(modules)) {
      const file = join(modules, name, 'package.json');
      if (!existsSync(file)) continue;
      const { version, license, licenses } = JSON.parse(readFileSync(file, 'utf8'));
      const said = license?.type ?? license ?? licenses?.map((one) => one.type ?? one).join(' OR ');
      licences.set(`${name}@${version}`, said ?? licenceByText(join(modules, name)));
    }
  }
  return licences;
}
const namesIn = (modules) =>
  readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );

/** Of a package whose manifest names none: by the title of the text that lies in it. */
function licenceByText(folder) {
  const file = readdirSync(folder).find((name) => /^licen[cs]e(\.(md|txt))?$/i.test(name));
  const text = file ? readFileSync(join(folder, file), 'utf8').slice(0, 300) : '';
  if (/^\W*(The )?MIT License/i.test(text)) return 'MIT';
  return /^\s*Apache License\s+Version 2\.0/.test(text) ? 'Apache-2.0' : '';
}
