import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const version = 1;
const ivBytes = 12;
const tagBytes = 16;
/** What wrapping adds: version, IV, tag. */
export const wrapBytes = 1 + ivBytes + tagBytes;

export const newDataKey = (): Buffer => randomBytes(32);

/** AES-256-GCM. Format: version byte, 12 bytes of IV, 16 of tag, ciphertext. `aad` binds it to its owner and kind. */
export function wrap(key: Buffer, plain: Buffer, aad: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(aad));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.from([version]), iv, cipher.getAuthTag(), sealed]);
}

/** @throws when the key, the bytes or the owner do not belong together. */
export function unwrap(key: Buffer, sealed: Buffer, aad: string): Buffer {
  if (sealed[0] !== version) throw new Error('sealed by a version we do not know');
  if (sealed.length < wrapBytes) throw new Error('too short'); // a cut tag would be easier to guess
  const iv = sealed.subarray(1, 1 + ivBytes);
  const tag = sealed.subarray(1 + ivBytes, wrapBytes);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(aad)).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(wrapBytes)), decipher.final()]);
}
