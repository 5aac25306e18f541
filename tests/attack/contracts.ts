import { GiveConsent, UseReturnCode } from '@hearthline/shared/contracts/callerSession';
import { doors, type DoorName } from '@hearthline/shared/contracts/doors';

/** What this generator needs to know of a schema of zod: its definition, and whether a value passes. */
export type Schema = {
  _zod: { def: Definition };
  safeParse(value: unknown): { success: boolean };
};
type Definition = {
  type: string;
  shape?: Record<string, Schema>;
  innerType?: Schema;
  entries?: Record<string, string>;
  values?: unknown[];
  element?: Schema;
  options?: Schema[];
};

/** One place that takes input, with the shape it takes. */
export type Target = { name: string; path: string; input: Schema; by: string };

/** Every door of the contract, and the routes beside them whose input has a contract. */
export const targets: readonly Target[] = [
  ...(Object.keys(doors) as DoorName[]).flatMap((name) =>
    branchesOf(doors[name].input).map((input) => ({ name, path: `/api/doors/${name}`, input, by: doors[name].for[0] })),
  ),
  { name: 'caller/consent', path: '/api/caller/consent', input: GiveConsent, by: 'caller' },
  { name: 'caller/return', path: '/api/caller/return', input: UseReturnCode, by: 'caller' },
];
/** One shape of a door's input. */
export const inputOf = (name: DoorName): Schema => branchesOf(doors[name].input)[0] as Schema;
export const isDoor = (target: Target): boolean => target.path.startsWith('/api/doors/');

/** A field that takes one of several shapes makes as many inputs to attack. */
function branchesOf(schema: Schema): Schema[] {
  const { def } = schema._zod;
  const [key, field] = Object.entries(def.shape ?? {}).find(([, s]) => s._zod.def.options) ?? [];
  if (!key) return [schema];
  return (field?._zod.def.options ?? []).map((option) => ({
    _zod: { def: { ...def, shape: { ...def.shape, [key]: option } } },
    safeParse: (value) => schema.safeParse(value),
  }));
}

export type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array';
export type Field = {
  path: readonly string[];
  kind: Kind;
  schema: Schema;
  optional: boolean;
  nullable: boolean;
  /** Any text will do, so that a person's own words come in here. */
  text: boolean;
  /** Words for a person to read: bounded and cleaned. Others are read by a program of the other side, and only bounded. */
  words: boolean;
};

const kinds: Record<string, Kind> = {
  string: 'string',
  enum: 'string',
  literal: 'string',
  array: 'array',
  number: 'number',
  int: 'number',
  boolean: 'boolean',
  object: 'object',
};

/** Every field of an input, those inside of others too. A kind of schema that is new here fails: it has to be attacked. */
export function fieldsOf(schema: Schema, path: readonly string[] = []): Field[] {
  return Object.entries(schema._zod.def.shape ?? {}).flatMap(([key, given]) => {
    let inner = given;
    let [optional, nullable] = [false, false];
    for (; inner._zod.def.innerType; inner = inner._zod.def.innerType) {
      optional ||= inner._zod.def.type === 'optional';
      nullable ||= inner._zod.def.type === 'nullable';
    }
    const kind = kinds[inner._zod.def.type];
    if (!kind) throw new Error(`nobody attacks a ${inner._zod.def.type} yet`);
    const at = [...path, key];
    const text = inner._zod.def.type === 'string' && inner.safeParse('Some words, and more.').success;
    const words = text && !inner.safeParse('x\0').success;
    const field: Field = { path: at, kind, schema: inner, optional, nullable, text, words };
    return [field, ...fieldsOf(inner, at)];
  });
}

const somethingOf: Record<Kind, () => readonly unknown[]> = {
  string: () => [
    'words',
    crypto.randomUUID(),
    ...[12, 16, 22, 64, 87].map((length) => 'A'.repeat(length)),
    'https://push.example.org/one',
    'one@example.org',
    '+15550100123',
    '0000',
    '2026-12-24T08:00:00.000Z',
    '2026-12-24',
  ],
  number: () => [1, 0, 2],
  boolean: () => [false],
  object: () => [],
  array: () => [],
};

function samplesOf(kind: Kind, { _zod: { def } }: Schema): readonly unknown[] {
  if (kind === 'object') return [sampleOf({ _zod: { def }, safeParse: () => ({ success: true }) })];
  if (kind === 'array') return [...Object.keys(def.element?._zod.def.entries ?? {}).map((one) => [one]), []];
  return [...(def.values ?? []), ...Object.keys(def.entries ?? {}).slice(0, 1), ...somethingOf[kind]()];
}

/** A value that the schema takes, made of the schema alone. */
export function sampleOf(schema: Schema): Record<string, unknown> {
  const sample: Record<string, unknown> = {};
  for (const { path, kind, schema: inner } of fieldsOf(schema).filter((f) => f.path.length === 1)) {
    const candidates = samplesOf(kind, inner);
    sample[path[0] ?? ''] = candidates.find((value) => inner.safeParse(value).success);
  }
  if (!schema.safeParse(sample).success) throw new Error(`no sample fits: ${JSON.stringify(sample)}`);
  return sample;
}
