import { expect, test } from 'vitest';
import { ROOT } from '../paths.mjs';
import { openAdvisories, readAccepted, readAdvisories } from './advisories.mjs';
import { checkLicences, mayUse } from './licences.mjs';
import { installedLicences, lockedPackages } from './lockfile.mjs';
import { sbomOf } from './sbom.mjs';

const packages = lockedPackages(ROOT);
const licences = installedLicences(ROOT);

test('[S39] every locked package has a licence that we may use', () => {
  const { refused, unread } = checkLicences(packages, licences);
  expect(refused).toEqual([]);
  expect(unread.length).toBeLessThan(packages.length / 4); // most are read, or this proves nothing
  expect(checkLicences([{ name: 'x', version: '1.0.0', optional: false }], new Map()).refused).toEqual([
    'x@1.0.0: no licence named',
  ]);
});

test.each([
  ['MIT', true],
  ['GPL-3.0-only', false],
  ['(MIT OR GPL-3.0-only)', true],
  ['MIT AND GPL-3.0-only', false],
  ['(MIT OR GPL-3.0-only) AND (ISC AND BSD-2-Clause)', true],
  ['MIT OR', false],
  ['(MIT', false],
  ['', false],
  ['SEE LICENSE IN LICENSE', false],
])('licence %s', (expression, fits) => expect(mayUse(expression)).toBe(fits));

test('[S39] the bill of materials names every package with its hash, and is the same each time', () => {
  const project = { name: 'hearthline', version: '0.0.0' };
  const bom = sbomOf(project, packages, licences);
  expect(JSON.stringify(sbomOf(project, lockedPackages(ROOT), installedLicences(ROOT)))).toBe(JSON.stringify(bom));
  expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
  expect(bom.components.length).toBe(packages.length);
  expect(new Set(bom.components.map((c) => c['bom-ref'])).size).toBe(packages.length);
  for (const one of bom.components) expect(one.hashes?.[0].content, one.purl).toMatch(/^[0-9a-f]{128}$/);
  expect(bom.components.find((c) => c.name === '@types/node')?.purl).toMatch(/^pkg:npm\/%40types\/node@\d/);
});

test('[S39] an advisory is open until it is accepted with a reason and a day', () => {
  const text = JSON.stringify({
    advisories: { 7: { id: 7, github_advisory_id: 'GHSA-1', module_name: 'x', severity: 'high', title: 'Bad' } },
  });
  const { known } = readAdvisories(text) ?? { known: [] };
  expect(known).toEqual([{ id: 'GHSA-1', package: 'x', severity: 'high', title: 'Bad' }]);
  const open = (accepted) => openAdvisories(known, accepted, '2030-01-01').length;
  expect(open([])).toBe(1);
  expect(open([{ id: 'GHSA-1', reason: 'only in a test', until: '2030-02-01' }])).toBe(0);
  expect(open([{ id: 'GHSA-1', reason: 'only in a test', until: '2030-01-01' }])).toBe(1);
  expect(open([{ id: 'GHSA-1', reason: '', until: '2030-02-01' }])).toBe(1);
  for (const answer of ['', 'not found', '{}', '{"error":{"code":"x"}}']) expect(readAdvisories(answer)).toBeNull();
});

test('[S39] what was accepted has a reason, a day and an id each', () => {
  for (const one of readAccepted(ROOT))
    expect(one).toEqual({
      id: expect.stringMatching(/^GHSA-/),
      reason: expect.stringMatching(/\w+ \w+/),
      until: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
});
