import { createHmac } from 'node:crypto';

const stepSeconds = 30;

/** One-time code of RFC 6238 (SHA-1, six digits, 30 s). @param secret raw bytes, as the authenticator holds them. */
export function totp(secret: Uint8Array, at: Date): { code: string; validSeconds: number } {
  const seconds = Math.floor(at.getTime() / 1000);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(seconds / stepSeconds)));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac[mac.length - 1] ?? 0) & 15;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
  return { code: String(number).padStart(6, '0'), validSeconds: stepSeconds - (seconds % stepSeconds) };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Base32 of RFC 4648, as authenticator apps take secrets. */
export function fromBase32(text: string): Buffer {
  let bits = '';
  for (const c of text.toUpperCase().replace(/=+$/, '')) bits += alphabet.indexOf(c).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => parseInt(b, 2)));
}
