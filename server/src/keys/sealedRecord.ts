import { unwrap, wrap } from './wrap.ts';

/** One text of a record under its owner's data key, in the format of wrap.ts. `aad` binds it to its owner and field. */
export const sealField = (dataKey: Buffer, aad: string, text: string): Buffer =>
  wrap(dataKey, Buffer.from(text, 'utf8'), aad);

/** @throws when key, bytes and owner do not belong together. */
export const openField = (dataKey: Buffer, aad: string, sealed: Buffer): string =>
  unwrap(dataKey, sealed, aad).toString('utf8');
