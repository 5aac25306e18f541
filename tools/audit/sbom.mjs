/**
 * The software bill of materials in CycloneDX 1.6. The same lockfile gives the same bytes: no time, no random number.
 * @param {{ name: string, version: string }} project
 */
export function sbomOf(project, packages, licences) {
  const components = packages.map(({ name, version, integrity }) => {
    const purl = `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`;
    const licence = licences.get(`${name}@${version}`);
    const [algorithm, hash] = integrity.split('-', 2);
    return {
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      purl,
      ...(algorithm === 'sha512' && hash
        ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }] }
        : {}),
      ...(licence ? { licenses: [licenceOf(licence)] } : {}),
    };
  });
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': project.name, ...project } },
    components,
  };
}
const licenceOf = (licence) => (/[\s()]/.test(licence) ? { expression: licence } : { license: { id: licence } });
