import { createHmac, timingSafeEqual } from 'node:crypto';

export const signatureHeader = 'hearthline-signature';
const windowSeconds = 300;

const mac = (secret: string, seconds: number, body: string): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.${body}`, 'utf8').digest();

/** `t=<seconds since 1970>,v1=<HMAC-SHA256 over "<t>.<body>", hex>`. */
export function signed(secret: string, body: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  return `t=${seconds},v1=${mac(secret, seconds, body).toString('hex')}`;
}

/** Of this very body, and at most five minutes old or ahead. */
export function isSigned(secret: string, body: string, header: string, now: Date): boolean {
  const [, seconds, hex] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (!seconds || !hex || Math.abs(now.getTime() / 1000 - Number(seconds)) > windowSeconds) return false;
  return timingSafeEqual(mac(secret, Number(seconds), body), Buffer.from(hex, 'hex'));
}
