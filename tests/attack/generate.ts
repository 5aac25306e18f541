import { fieldsOf, sampleOf, type Field, type Kind, type Target } from './contracts.ts';

/** A word that is in every attack that can carry one: it must come back in no answer and stand in no log. */
export const canary = 'zqxcanary7f3a';

/** JSON as it goes over the wire: much of this cannot be written as a value. `row` is the row of the catalogue. */
export type Attack = { row: string; what: string; json: string; words?: boolean };

const hole = '@@hole@@';

/** The input with raw JSON at a place. */
function withRaw(valid: Record<string, unknown>, path: readonly string[], raw: string): string {
  const copy = structuredClone(valid);
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = hole;
  return JSON.stringify(copy).replace(JSON.stringify(hole), () => raw);
}
function without(valid: Record<string, unknown>, path: readonly string[]): string {
  return withRaw(valid, path, '0')
    .replace(new RegExp(`"${path.at(-1)}":0,?`), '')
    .replace(',}', '}');
}
const valueAt = (valid: Record<string, unknown>, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], valid);

/** [B6] One JSON of each kind, and objects that pretend to be something else. */
const ofKinds: readonly [kind: 'null' | Kind, raw: string][] = [
  ['null', 'null'],
  ['boolean', 'true'],
  ['number', '7.5'],
  ['string', `"${canary}"`],
  ['array', `["${canary}"]`],
  ['array', '[]'],
  ['object', '{}'],
  ['object', `{"toString":"${canary}"}`],
  ['object', `{"toJSON":"${canary}","length":1,"0":"x"}`],
];

/** [B2] Numbers that are none, or not the one that was written. */
const numbers = ['1e309', '-1e309', '9007199254740993', '1.5', `"${'9'.repeat(40)}"`, '"123n"', '9'.repeat(5000)];
/** [B2] What JSON does not know. */
const notJson = ['NaN', 'Infinity', 'undefined', '0x10', '01', '{', '"\\ud8', "'x'"];
const deep = (open: string, close: string): string => open.repeat(10_000) + close.repeat(10_000);

/** [B5][B14][B19] Keys that no input has. */
const foreignKeys: readonly [row: string, raw: string][] = [
  ['B5', '"__proto__":{"polluted":1}'],
  ['B5', '"__proto__":null'],
  ['B5', '"constructor":{"prototype":{"polluted":1}}'],
  ['B5', '"prototype":1'],
  ['B5', `"toString":"${canary}"`],
  ['B5', '"hasOwnProperty":1'],
  ['B14', `"room":"p:${canary}"`],
  ['B14', `"to":"${canary}"`],
  ['B14', '"join":["c:1"]'],
  ['B19', `"senderId":"${canary}"`],
  ['B19', `"sender":"${canary}"`],
  ['B19', '"role":"administrator"'],
  ['B19', '"seq":1'],
  ['B19', '"sentAt":"2000-01-01T00:00:00.000Z"'],
  ['B19', '"actor":{"kind":"system"}'],
  ['B19', '"now":"2000-01-01T00:00:00.000Z"'],
  ['B6', `"${canary}":1`],
  ['B9', '"_placeholder":true,"num":0'],
];

/** [B7][B18] What an id may be mistaken for. */
const notIds = [
  '1',
  '../../etc/passwd',
  "' or 1=1 --",
  '%00',
  '%',
  '__proto__',
  'constructor',
  '*',
  '\\r\\nX: y',
  '\\u0000',
];

/** What is wrong in its shape, whatever the state of the record: each has to be refused as malformed. */
export function attacksOn(target: Target): Attack[] {
  const valid = sampleOf(target.input);
  const fields = fieldsOf(target.input);
  const objects: readonly (readonly string[])[] = [[], ...fields.filter((f) => f.kind === 'object').map((f) => f.path)];
  const whole = (row: string, what: string, json: string): Attack => ({ row, what: `${what} as the whole`, json });
  const attacks: Attack[] = [
    ...ofKinds.filter(([kind]) => kind !== 'object').map(([kind, raw]) => whole('B6', kind, raw)),
    whole('B2', '10 000 arrays deep', deep('[', ']')),
    whole('B2', '6 000 objects deep', '{"a":'.repeat(6000) + '1' + '}'.repeat(6000)),
    whole('B2', '5 000 keys', `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":1`).join()}}`),
    ...notJson.map((raw) => whole('B2', raw, raw)),
  ];
  for (const path of objects)
    for (const [row, raw] of foreignKeys) {
      const object = (path.length > 0 ? valueAt(valid, path) : valid) as Record<string, unknown>;
      if (Object.keys(object).some((own) => raw.startsWith(`"${own}"`))) continue; // its own key
      const inner = JSON.stringify(object).slice(1);
      const text = `{${raw}${inner === '}' ? '' : ','}${inner}`;
      attacks.push({
        row,
        what: `${raw} in ${nameOf(path)}`,
        json: path.length > 0 ? withRaw(valid, path, text) : text,
      });
    }
  for (const field of fields) attacks.push(...attacksOnField(valid, field));
  return attacks;
}

const nameOf = (path: readonly string[]): string => path.join('.') || 'the whole';

function attacksOnField(valid: Record<string, unknown>, field: Field): Attack[] {
  const { path, kind } = field;
  const put = (row: string, raw: string): Attack => ({
    row,
    what: `${raw.slice(0, 40)} as ${nameOf(path)}`,
    json: withRaw(valid, path, raw),
  });
  const wrong = ofKinds.filter(([k]) => k !== kind && !(k === 'null' && field.nullable));
  const isId = kind === 'string' && !field.text;
  return [
    ...wrong.map(([, raw]) => put('B6', raw)),
    // no list of ours may hold any of these, and few may be empty: a roster without a layer
    ...(kind === 'array' ? ofKinds.map(([, raw]) => put('B6', `[${raw}]`)) : []),
    ...(kind === 'array' && !field.schema.safeParse([]).success ? [put('B6', '[]')] : []),
    ...(field.optional ? [] : [{ row: 'B6', what: `no ${nameOf(path)}`, json: without(valid, path) }]),
    put('B2', deep('[', ']')),
    put('B2', `[${Array(8000).fill('1').join()}]`),
    ...(kind === 'number' ? numbers.map((raw) => put('B2', raw)) : []),
    ...(kind === 'string' ? [put('B2', `"${'x'.repeat(60_000)}"`)] : []),
    ...(isId ? notIds.map((text) => put('B7', `"${text}"`)) : []),
  ];
}

/** [B3][B4][B7] Texts as people and programs write them. They may be fine; what they must not do is break anything. */
export const oddTexts: readonly [row: string, what: string, text: string][] = [
  ['B3', 'empty', ''],
  ['B3', 'spaces', '   \t '],
  ['B3', 'zero width only', '\u200b\u200d\ufeff\u2060'],
  ['B3', '4000 letters', 'a'.repeat(4000)],
  ['B3', '4001 letters', 'a'.repeat(4001)],
  ['B3', 'four bytes', '\u{1F600}'],
  ['B3', 'zalgo', `a${'\u0301'.repeat(10_000)}`],
  ['B3', 'right to left', `\u202e${canary}`],
  ['B3', 'lone surrogate', `x\ud800${canary}`],
  ['B3', 'NUL', `x\0${canary}`],
  ['B3', 'byte order mark', `\ufeff${canary}`],
  ['B3', 'line separator', `x\u2028\u2029${canary}`],
  ['B3', 'family', '\u{1F469}\u200d\u{1F469}\u200d\u{1F467}\u200d\u{1F466}'],
  ['B4', 'script', `<script>${canary}()</script>`],
  ['B4', 'svg', `<svg onload=${canary}>`],
  ['B4', 'address', `javascript:${canary}()`],
  ['B4', 'markdown', `[x](javascript:${canary})`],
  ['B4', 'style', `</style><style>*{display:none}/*${canary}`],
  ['B7', 'SQL', `'; drop table message; -- ${canary}`],
  ['B7', 'LIKE', '%_%'],
  ['B7', 'Lua', `") redis.call("FLUSHALL") --${canary}`],
  ['B7', 'header', `x\r\nSet-Cookie: ${canary}=1`],
  ['B7', 'log line', `x\n{"level":60,"msg":"${canary}"}`],
  ['B7', 'path', '../../../../etc/passwd'],
  ['B7', 'encoded', '%00%2e%2e%2f%252e'],
  ['B7', 'template', '${7*7}{{7*7}}<%= 7*7 %>'],
];

/** Every text of the list in every field that takes words. */
export function textsFor(target: Target): Attack[] {
  const valid = sampleOf(target.input);
  return fieldsOf(target.input)
    .filter((f) => f.text)
    .flatMap(({ path, words }) =>
      oddTexts.map(([row, what, text]) => ({
        row,
        words,
        what: `${what} as ${nameOf(path)}`,
        json: withRaw(valid, path, JSON.stringify(text)),
      })),
    );
}
