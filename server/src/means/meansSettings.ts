import { createECDH } from 'node:crypto';
import * as z from 'zod';

/** A compose file hands on what is not set as an empty text. */
const optional = <T extends z.ZodType>(of: T) => z.preprocess((v) => (v === '' ? undefined : v), of.optional());
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
/** Plain http only to this machine. */
const provider = z
  .url({ protocol: /^https?$/ })
  .refine((text) => text.startsWith('https:') || loopback.test(URL.parse(text)?.hostname ?? ''))
  .transform((text) => text.replace(/\/$/, ''));
const secret = z.string().min(16).max(200);

/** How clinicians are reached (docs/operations.md). */
export const meansEnv = {
  /** Web push: 32 random bytes in base64url, a private key of P-256. `npm start` makes one. */
  HEARTHLINE_VAPID_PRIVATE_KEY: optional(
    z
      .string()
      .regex(/^[\w-]{43}$/)
      .refine((key) => publicKeyOf(key) !== null),
  ),
  /** For tests only: push services on this machine. */
  HEARTHLINE_PUSH_TO_LOOPBACK: z
    .enum(['0', '1'])
    .transform((v) => v === '1')
    .default(false),
  /** `smtps://user:password@mail.example.org` or `smtp://…`. */
  HEARTHLINE_SMTP_URL: optional(z.url({ protocol: /^smtps?$/ })),
  HEARTHLINE_MAIL_FROM: optional(z.email()),
  HEARTHLINE_TWILIO_URL: optional(provider),
  HEARTHLINE_TWILIO_SID: optional(z.string().regex(/^[A-Za-z0-9]{2,64}$/)),
  HEARTHLINE_TWILIO_TOKEN: optional(secret),
  HEARTHLINE_TWILIO_FROM: optional(z.string().regex(/^\+[1-9]\d{6,14}$/)),
  HEARTHLINE_PAGE_WEBHOOK_URL: optional(provider),
  HEARTHLINE_PAGE_WEBHOOK_SECRET: optional(secret),
};
type Env = z.infer<z.ZodObject<typeof meansEnv>>;

/** @throws what belongs together and is only half there; no value is in the text */
export function meansOf(e: Env) {
  const key = e.HEARTHLINE_VAPID_PRIVATE_KEY;
  return {
    push: key
      ? { privateKey: key, publicKey: publicKeyOf(key) ?? '', toLoopback: e.HEARTHLINE_PUSH_TO_LOOPBACK }
      : null,
    mail: together(
      { HEARTHLINE_SMTP_URL: e.HEARTHLINE_SMTP_URL, HEARTHLINE_MAIL_FROM: e.HEARTHLINE_MAIL_FROM },
      (url, from) => ({
        url,
        from,
      }),
    ),
    twilio: together(
      {
        HEARTHLINE_TWILIO_SID: e.HEARTHLINE_TWILIO_SID,
        HEARTHLINE_TWILIO_TOKEN: e.HEARTHLINE_TWILIO_TOKEN,
        HEARTHLINE_TWILIO_FROM: e.HEARTHLINE_TWILIO_FROM,
      },
      (sid, token, from) => ({ url: e.HEARTHLINE_TWILIO_URL ?? 'https://api.twilio.com', sid, token, from }),
    ),
    webhook: together(
      {
        HEARTHLINE_PAGE_WEBHOOK_URL: e.HEARTHLINE_PAGE_WEBHOOK_URL,
        HEARTHLINE_PAGE_WEBHOOK_SECRET: e.HEARTHLINE_PAGE_WEBHOOK_SECRET,
      },
      (url, key) => ({ url, secret: key }),
    ),
  };
}
export type MeansConfig = ReturnType<typeof meansOf>;

function together<T>(settings: Record<string, string | undefined>, of: (...values: string[]) => T): T | null {
  const values = Object.values(settings).filter((v) => v !== undefined);
  if (values.length === 0) return null;
  const names = Object.keys(settings);
  if (values.length < names.length) throw new Error(`${names.join(', ')} belong together: set all or none`);
  return of(...values);
}

/** @returns null for what is no private key */
function publicKeyOf(privateKey: string): string | null {
  try {
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(privateKey, 'base64url');
    return curve.getPublicKey('base64url');
  } catch {
    return null;
  }
}
