import { rawEpochKey } from './messageCrypto.ts';

const encoder = new TextEncoder();
const salt = encoder.encode('hearthline/media/1');

/** The epoch key once more, for deriving only; neither it nor what is derived can be exported. @param raw 32 bytes, base64 */
export const importMediaRoot = (raw: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', rawEpochKey(raw), 'HKDF', false, ['deriveBits']);

/**
 * What seals sound and picture in one room: HKDF-SHA-256 (RFC 5869) of the epoch key, with the room's generation in its info, so
 * that a new room or a new epoch is a new key and none of them opens text. The media engine derives its frame keys from it.
 */
export async function mediaKey(root: CryptoKey, generation: number): Promise<CryptoKey> {
  const info = encoder.encode(`room ${generation}`);
  const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, root, 256);
  return crypto.subtle.importKey('raw', bits, 'HKDF', false, ['deriveBits', 'deriveKey']);
}
