/** Licences that a program under Apache-2.0 may be run, built and tested with. */
export const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0', // of a file, not of what uses it
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
]);

/** Whether an SPDX expression can be met by allowed licences: any side of OR, every side of AND. */
export function mayUse(expression, permitted = allowed) {
  const tokens = expression.match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const any = () => {
    let fits = every();
    while (tokens[at] === 'OR') (at++, (fits = every() || fits));
    return fits;
  };
  const every = () => {
    let fits = one();
    while (tokens[at] === 'AND') (at++, (fits = one() && fits));
    return fits;
  };
  const one = () => {
    if (tokens[at] !== '(') return permitted.has(tokens[at++]);
    at++;
    const fits = any();
    return tokens[at++] === ')' && fits;
  };
  return tokens.length > 0 && any() && at === tokens.length;
}

/**
 * @returns {{ refused: string[], unread: string[] }} refused: with what they say; unread: optional ones that do not fit
 * this system and are not on it; the run on a system that has them reads them
 */
export function checkLicences(packages, licences) {
  const refused = [];
  const unread = [];
  for (const { name, version, optional } of packages) {
    const id = `${name}@${version}`;
    const said = licences.get(id);
    if (said === undefined && optional) unread.push(id);
    else if (!mayUse(said ?? '')) refused.push(`${id}: ${said || 'no licence named'}`);
  }
  return { refused, unread };
}
