import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Known weaknesses of the locked packages, asked of the registry that this machine's package manager is set to.
 * @returns {{ known: { id: string, package: string, severity: string, title: string }[] } | { skipped: string }}
 */
export function askAdvisories(root, pnpm, deadlineMs = 20_000) {
  const asked = spawnSync(pnpm, ['audit', '--json'], { cwd: root, encoding: 'utf8', timeout: deadlineMs });
  return (
    readAdvisories(asked.stdout ?? '') ?? {
      skipped: 'advisories (registry not reachable, or it does not answer about them)',
    }
  );
}

/** @returns what the package manager said, null when it is no answer about advisories. */
export function readAdvisories(text) {
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof said?.advisories !== 'object' || said.error) return null;
  return {
    known: Object.values(said.advisories).map((one) => ({
      id: one.github_advisory_id ?? String(one.id),
      package: one.module_name,
      severity: one.severity,
      title: one.title,
    })),
  };
}

/** Advisories without a fix that somebody has looked at: each with a reason, and a day on which it is looked at again. */
export const readAccepted = (root) => JSON.parse(readFileSync(join(root, 'tools', 'audit', 'accepted.json'), 'utf8'));

/** Those that are not accepted, or not any more. @param today as `YYYY-MM-DD` */
export const openAdvisories = (known, accepted, today) =>
  known.filter(({ id }) => !accepted.some((one) => one.id === id && one.reason.length > 0 && one.until > today));
