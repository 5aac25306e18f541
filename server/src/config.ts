import * as z from 'zod';
import { crashPoints, readCrashAt } from './crashPoints.ts';
import { meansEnv, meansOf } from './means/meansSettings.ts';

const flag = z.enum(['0', '1']).transform((v) => v === '1');

/** A random secret has far more; one of a keyboard row, a repeated word or a manual has not (S39). */
const fewestCharacters = 12;

const Env = z.object({
  /** The one port that serves pages, API and sockets. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  /** Where people reach us, `https://…` without a path. Unset: loopback over http, the demo. */
  HEARTHLINE_ORIGIN: z
    .url({ protocol: /^https$/ })
    .transform((u) => new URL(u).origin)
    .optional(),
  DATABASE_URL: z.string().min(1),
  REDIS_URL: z.string().min(1),
  /** Signs staff sessions and hashes return codes. At least 32 characters; `npm start` makes one. */
  HEARTHLINE_SECRET: z
    .string()
    .min(32)
    .refine((s) => new Set(s).size >= fewestCharacters && !/change.?me|placeholder|example|default/i.test(s)),
  HEARTHLINE_DATA_DIR: z.string().min(1).default('.data'),
  HEARTHLINE_KEYS_DIR: z.string().min(1).default('.data-keys'),
  /** Seeds demo accounts although HEARTHLINE_ORIGIN is set. */
  HEARTHLINE_DEMO: flag.optional(),
  /** Binds another address than loopback (containers behind a proxy). Needs HEARTHLINE_ORIGIN. */
  HEARTHLINE_BIND: z.string().default('127.0.0.1'),
  /** Our own proxy in front sets X-Forwarded-For; only then is it believed. */
  HEARTHLINE_TRUST_PROXY: flag.default(false),
  /** The media server for calls: `ws(s)://` or `http(s)://`. All three or none. */
  LIVEKIT_URL: z.url({ protocol: /^(wss?|https?)$/ }).optional(),
  LIVEKIT_API_KEY: z.string().min(3).optional(),
  LIVEKIT_API_SECRET: z.string().min(32).optional(),
  /** Telephone calls through LiveKit's SIP service (docs/phone.md). Needs LiveKit. */
  HEARTHLINE_PHONE: flag.default(false),
  /** What carries calls. auto: LiveKit where it is set; else browser to browser where that exposes nobody, or on a demo. */
  HEARTHLINE_CALLS: z.enum(['auto', 'livekit', 'direct', 'off']).default('auto'),
  /** Relays for calls browser to browser, by commas: `turn:relay.example.org:3478`. Then nothing goes past them. */
  HEARTHLINE_TURN_URLS: z
    .string()
    .transform((list) => list.split(',').map((url) => url.trim()))
    .pipe(
      z
        .array(z.string().regex(/^turns?:[^\s]{3,200}$/))
        .min(1)
        .max(8),
    )
    .optional(),
  /** Shared with the relay (its `static-auth-secret`): credentials of an hour are made from it. */
  HEARTHLINE_TURN_SECRET: z.string().min(16).optional(),
  ...meansEnv,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  /** Limits. Benches raise the numbers; the code path stays (S16). */
  HEARTHLINE_JOINS_PER_10_MIN: z.coerce.number().int().positive().default(3),
  HEARTHLINE_JOINS_PER_NETWORK_10_MIN: z.coerce.number().int().positive().default(60),
  HEARTHLINE_SIGN_INS_PER_NETWORK_15_MIN: z.coerce.number().int().positive().default(30),
  HEARTHLINE_SIGN_INS_PER_ACCOUNT_15_MIN: z.coerce.number().int().positive().default(8),
  HEARTHLINE_CODES_PER_NETWORK_5_MIN: z.coerce.number().int().positive().default(12),
  HEARTHLINE_MESSAGES_PER_10_S: z.coerce.number().int().positive().default(20),
  HEARTHLINE_CALLS_PER_10_S: z.coerce.number().int().positive().default(100),
  /** How often one staff member is handed keys of conversations; past it none, and an alarm (S36). */
  HEARTHLINE_KEYS_PER_STAFF_10_MIN: z.coerce.number().int().positive().default(120),
  /** Calls that no page of ours makes (wrong shape, no such door, not theirs), a person; then they are cut off. */
  HEARTHLINE_VIOLATIONS_PER_MIN: z.coerce.number().int().positive().default(30),
  HEARTHLINE_CONNECTS_PER_MIN: z.coerce.number().int().positive().default(120),
  HEARTHLINE_SOCKETS_PER_PERSON: z.coerce.number().int().positive().default(12),
  /** Pages and the small files beside them; a page view is some four of these. */
  HEARTHLINE_PAGES_PER_NETWORK_10_S: z.coerce.number().int().positive().default(600),
  HEARTHLINE_CONSENTS_PER_NETWORK_10_MIN: z.coerce.number().int().positive().default(120),
  /** Seconds a silent caller's place is held (product: 10 minutes). Tests shorten it. */
  HEARTHLINE_HOLD_SECONDS: z.coerce.number().positive().default(600),
  /** Idle seconds after which a staff screen locks (S2). Tests shorten it. */
  HEARTHLINE_LOCK_SECONDS: z.coerce.number().int().positive().default(900),
  /** Seconds a lost peer has to come back before the caller goes to the head of the line. */
  HEARTHLINE_PEER_BACK_SECONDS: z.coerce.number().positive().default(60),
  /** For the fault rig only: `<crash point>:<nth time>:<signal>`, at which this process ends itself. */
  HEARTHLINE_CRASH_AT: z
    .templateLiteral([
      z.enum(crashPoints),
      ':',
      z.string().regex(/^[1-9]\d{0,3}$/),
      ':',
      z.enum(['SIGKILL', 'SIGSTOP', 'SIGTERM']),
    ])
    .transform(readCrashAt)
    .optional(),
});

/** Reads the environment. A bad value stops the boot and is named; its value is never printed. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const read = Env.safeParse(env);
  if (!read.success) {
    const names = read.error.issues.map((i) => `${i.path.join('.')}: ${i.code}`).join(', ');
    throw new Error(`Settings are missing or wrong: ${names}`);
  }
  const e = read.data;
  if (e.HEARTHLINE_BIND !== '127.0.0.1' && !e.HEARTHLINE_ORIGIN) {
    throw new Error(
      'HEARTHLINE_BIND needs HEARTHLINE_ORIGIN=https://…: a page off this machine has no encryption over http',
    );
  }
  const livekit = [e.LIVEKIT_URL, e.LIVEKIT_API_KEY, e.LIVEKIT_API_SECRET];
  if (livekit.some(Boolean) && !livekit.every(Boolean))
    throw new Error('LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET belong together: set all three or none');
  if (e.HEARTHLINE_CALLS === 'livekit' && !e.LIVEKIT_URL)
    throw new Error('HEARTHLINE_CALLS=livekit needs LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET');
  if (e.HEARTHLINE_PHONE && (!e.LIVEKIT_URL || !['auto', 'livekit'].includes(e.HEARTHLINE_CALLS)))
    throw new Error('HEARTHLINE_PHONE needs LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, and calls by LiveKit');
  if (Boolean(e.HEARTHLINE_TURN_URLS) !== Boolean(e.HEARTHLINE_TURN_SECRET))
    throw new Error('HEARTHLINE_TURN_URLS and HEARTHLINE_TURN_SECRET belong together');
  return {
    port: e.PORT,
    bind: e.HEARTHLINE_BIND,
    origin: e.HEARTHLINE_ORIGIN ?? null,
    databaseUrl: e.DATABASE_URL,
    redisUrl: e.REDIS_URL,
    secret: e.HEARTHLINE_SECRET,
    dataDir: e.HEARTHLINE_DATA_DIR,
    keysDir: e.HEARTHLINE_KEYS_DIR,
    demo: e.HEARTHLINE_DEMO ?? !e.HEARTHLINE_ORIGIN,
    crashAt: e.HEARTHLINE_CRASH_AT ?? null,
    trustProxy: e.HEARTHLINE_TRUST_PROXY,
    media: {
      calls: e.HEARTHLINE_CALLS,
      phone: e.HEARTHLINE_PHONE,
      livekit:
        e.LIVEKIT_URL && e.LIVEKIT_API_KEY && e.LIVEKIT_API_SECRET
          ? { url: e.LIVEKIT_URL.replace(/^ws/, 'http'), key: e.LIVEKIT_API_KEY, secret: e.LIVEKIT_API_SECRET }
          : null,
      turn:
        e.HEARTHLINE_TURN_URLS && e.HEARTHLINE_TURN_SECRET
          ? { urls: e.HEARTHLINE_TURN_URLS, secret: e.HEARTHLINE_TURN_SECRET }
          : null,
    },
    means: meansOf(e),
    logLevel: e.LOG_LEVEL,
    limits: {
      joinsPer10Min: e.HEARTHLINE_JOINS_PER_10_MIN,
      joinsPerNetwork10Min: e.HEARTHLINE_JOINS_PER_NETWORK_10_MIN,
      signInsPerNetwork15Min: e.HEARTHLINE_SIGN_INS_PER_NETWORK_15_MIN,
      signInsPerAccount15Min: e.HEARTHLINE_SIGN_INS_PER_ACCOUNT_15_MIN,
      codesPerNetwork5Min: e.HEARTHLINE_CODES_PER_NETWORK_5_MIN,
      messagesPer10S: e.HEARTHLINE_MESSAGES_PER_10_S,
      callsPer10S: e.HEARTHLINE_CALLS_PER_10_S,
      keysPerStaff10Min: e.HEARTHLINE_KEYS_PER_STAFF_10_MIN,
      violationsPerMin: e.HEARTHLINE_VIOLATIONS_PER_MIN,
      connectsPerMin: e.HEARTHLINE_CONNECTS_PER_MIN,
      socketsPerPerson: e.HEARTHLINE_SOCKETS_PER_PERSON,
      pagesPerNetwork10S: e.HEARTHLINE_PAGES_PER_NETWORK_10_S,
      consentsPerNetwork10Min: e.HEARTHLINE_CONSENTS_PER_NETWORK_10_MIN,
    },
    lockAfterSeconds: e.HEARTHLINE_LOCK_SECONDS,
    holdMs: e.HEARTHLINE_HOLD_SECONDS * 1000,
    peerBackMs: e.HEARTHLINE_PEER_BACK_SECONDS * 1000,
  };
}
export type Config = ReturnType<typeof readConfig>;
