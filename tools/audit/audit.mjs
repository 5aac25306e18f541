import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, TOOLS } from '../paths.mjs';
import { askAdvisories, openAdvisories, readAccepted } from './advisories.mjs';
import { checkLicences } from './licences.mjs';
import { installedLicences, lockedPackages } from './lockfile.mjs';
import { sbomOf } from './sbom.mjs';

/** `npm run audit [file]`: licences, the bill of materials, and known weaknesses of everything in the lockfile. */
export async function audit([file = join(ROOT, '.test-output', 'sbom.cdx.json')]) {
  const packages = lockedPackages(ROOT);
  const licences = installedLicences(ROOT);
  const { refused, unread } = checkLicences(packages, licences);
  for (const one of refused) console.error(`licence refused: ${one}`);
  console.log(
    `licences: ${packages.length} packages, ${refused.length} refused, ${unread.length} of other systems unread`,
  );

  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(sbomOf({ name, version }, packages, licences), null, 1)}\n`);
  console.log(`bill of materials: ${file}`);

  const asked = askAdvisories(ROOT, pnpm());
  if ('skipped' in asked) {
    console.log(`skipped: ${asked.skipped}`);
    return refused.length > 0 ? 1 : 0;
  }
  const open = openAdvisories(asked.known, readAccepted(ROOT), new Date().toISOString().slice(0, 10));
  for (const one of open) console.error(`advisory ${one.id} (${one.severity}): ${one.package}: ${one.title}`);
  console.log(`advisories: ${asked.known.length} known, ${open.length} open`);
  return refused.length + open.length > 0 ? 1 : 0;
}

/** The one that the bootstrap has got, else that of the machine. */
export function pnpm() {
  const ours = join(TOOLS, 'node_modules', '@pnpm', `exe.${process.platform}-${process.arch}`, 'pnpm');
  const linked = join(TOOLS, 'node_modules', '.bin', 'pnpm');
  return [ours, linked].find(existsSync) ?? 'pnpm';
}
