/** Whom a ciphertext belongs to; authenticated with it, so that no row can be moved to another place (S29). */
export type Header = { conversationId: string; epoch: number; senderId: string; clientId: string };
export type Sealed = { iv: string; ciphertext: string };

const bucket = 64;
const lengthBytes = 4;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Ids are UUIDs; a `|` in one would let two headers have the same bytes. @throws then. */
function additionalData(h: Header): Uint8Array<ArrayBuffer> {
  if ([h.conversationId, h.senderId, h.clientId].some((id) => id.includes('|')) || !Number.isSafeInteger(h.epoch))
    throw new Error('not a message header');
  return encoder.encode(`hearthline/1|${h.conversationId}|${h.epoch}|${h.senderId}|${h.clientId}`);
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const b of bytes) binary += String.fromCharCode(b);
  return btoa(binary);
}
const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** @param raw 32 bytes, base64 (WebCrypto would take 16 too, and be AES-128). @throws when there are not 32 */
export function rawEpochKey(raw: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64(raw);
  if (bytes.length !== 32) throw new Error('an epoch key has 32 bytes');
  return bytes;
}

/** The key cannot be exported again. */
export async function importEpochKey(raw: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', rawEpochKey(raw), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** Plain bytes: 4 bytes of length (big-endian), the UTF-8 text, zeros up to a multiple of 64, so that length tells less. */
function pad(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encoder.encode(text);
  const plain = new Uint8Array(Math.ceil((lengthBytes + bytes.length) / bucket) * bucket);
  new DataView(plain.buffer).setUint32(0, bytes.length);
  plain.set(bytes, lengthBytes);
  return plain;
}
function unpad(plain: Uint8Array): string {
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0);
  if (lengthBytes + length > plain.length) throw new Error('length past the end');
  return decoder.decode(plain.subarray(lengthBytes, lengthBytes + length));
}

/** AES-256-GCM with a random 96-bit IV. @param iv only for test vectors. */
export async function sealText(
  key: CryptoKey,
  header: Header,
  text: string,
  iv = crypto.getRandomValues(new Uint8Array(12)),
): Promise<Sealed> {
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: additionalData(header) },
    key,
    pad(text),
  );
  return { iv: toBase64(iv), ciphertext: toBase64(new Uint8Array(sealed)) };
}

/** @returns the text, or null when key, header and bytes do not belong together. */
export async function openText(key: CryptoKey, header: Header, sealed: Sealed): Promise<string | null> {
  try {
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: fromBase64(sealed.iv), additionalData: additionalData(header) },
      key,
      fromBase64(sealed.ciphertext),
    );
    return unpad(new Uint8Array(plain));
  } catch {
    return null;
  }
}
