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
};

/** One place that takes input, with the shape it takes. */
export type Target = { name: string; path: string; input: Schema; by: string };

/** Every door of the contract, and the routes beside them whose input has a contract. */
export const targets: readonly Target[] = [
  ...(Object.keys(doors) as DoorName[]).map((name) => ({
    name,
    path: `/api/doors/${name}`,
    input: doors[name].input,
    by: doors[name].for[0],
  })),
  { name: 'caller/consent', path: '/api/caller/consent', input: GiveConsent, by: 'caller' },
  { name: 'caller/return', path: '/api/caller/return', input: UseReturnCode, by: 'caller' },
];
export const isDoor = (target: Target): boolean => target.path.startsWith('/api/doors/');

export type Kind = 'string' | 'number' | 'boolean' | 'object';
export type Field = {
  path: readonly string[];
  kind: Kind;
  schema: Schema;
  optional: boolean;
  nullable: boolean;
  /** Any text will do, so that a person's own words come in here. */
  text: boolean;
};

const kinds: Record<string, Kind> = {
  string: 'string',
  enum: 'string',
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
    const field: Field = { path: at, kind, schema: inner, optional, nullable, text };
    return [field, ...fieldsOf(inner, at)];
  });
}

const somethingOf: Record<Kind, () => readonly unknown[]> = {
  string: () => ['words', crypto.randomUUID(), 'A'.repeat(16), 'A'.repeat(64)],
  number: () => [1, 0, 2],
  boolean: () => [false],
  object: () => [],
};

/** A value that the schema takes, made of the schema alone. */
export function sampleOf(schema: Schema): Record<string, unknown> {
  const sample: Record<string, unknown> = {};
  for (const { path, kind, schema: inner } of fieldsOf(schema).filter((f) => f.path.length === 1)) {
    const [first] = Object.keys(inner._zod.def.entries ?? {});
    const candidates = kind === 'object' ? [sampleOf(inner)] : [first, ...somethingOf[kind]()];
    sample[path[0] ?? ''] = candidates.find((value) => inner.safeParse(value).success);
  }
  if (!schema.safeParse(sample).success) throw new Error(`no sample fits: ${JSON.stringify(sample)}`);
  return sample;
}
