import { doors, type DoorName } from '@hearthline/shared/contracts/doors';
import { Refusal, refusals } from '@hearthline/shared/contracts/refusals';
import { GiveConsent, UseReturnCode } from '@hearthline/shared/contracts/callerSession';
import { PublicLine } from '@hearthline/shared/contracts/line';
import { protocolVersion, serverEvents, socketPath } from '@hearthline/shared/contracts/socketEvents';
import { RosterView } from '@hearthline/shared/contracts/onCall';
import { BoardView, CallerView, ClinicianView, DeskView } from '@hearthline/shared/contracts/views';
import * as z from 'zod';

const whole = (of: unknown, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(of as z.ZodType, { io });
  return rest;
};
/** Many doors answer with a whole screen: each is written down once. */
const views = { CallerView, DeskView, ClinicianView, BoardView, RosterView };
const nameOf = new Map<unknown, string>(Object.entries(views).map(([name, view]) => [view, name]));
const schema = (of: unknown, io: 'input' | 'output') => {
  const name = nameOf.get(of);
  return name ? { $ref: `#/components/schemas/${name}` } : whole(of, io);
};
const components = {
  schemas: Object.fromEntries(Object.entries(views).map(([name, view]) => [name, whole(view, 'output')])),
};
const names = Object.keys(doors) as DoorName[];
/** How sessions begin: callers by consent or return code, staff by password and one-time code. */
const code = z.strictObject({ code: z.string().max(64) });
const sessions = [
  {
    path: '/api/caller/consent',
    id: 'caller.consent',
    description:
      'Agrees to the consent text of the line (GET /api/line) and starts a caller session: cookie hl_caller.',
    input: GiveConsent,
  },
  {
    path: '/api/caller/return',
    id: 'caller.return',
    description: 'Trades a return code for a new session; the earlier ones of that caller end. 5 tries in 15 minutes.',
    input: UseReturnCode,
  },
  {
    path: '/api/auth/sign-in/email',
    id: 'staff.password',
    description: 'First factor. Answers {"twoFactorRedirect": true} and a short-lived cookie for the second.',
    input: z.strictObject({ email: z.string().max(254), password: z.string().max(128) }),
  },
  {
    path: '/api/auth/two-factor/verify-totp',
    id: 'staff.code',
    description: 'Second factor: six digits. Opens the session: cookie hl_staff, 12 hours. Also ends an enrolment.',
    input: code,
  },
  {
    path: '/api/auth/two-factor/verify-backup-code',
    id: 'staff.backupCode',
    description: 'Second factor by one of the backup codes, each of use once.',
    input: code,
  },
  {
    path: '/api/auth/two-factor/enable',
    id: 'staff.enrol',
    description: 'Begins the enrolment of a second factor. Answers {totpURI, backupCodes}.',
    input: z.strictObject({ password: z.string().max(128) }),
  },
  {
    path: '/api/auth/staff/lock',
    id: 'staff.lock',
    description: 'Locks the screen: doors that hand out or take words refuse session.locked on every node.',
    input: z.strictObject({}),
  },
  {
    path: '/api/auth/staff/active',
    id: 'staff.active',
    description:
      'The person is there: the idle time begins anew. Without it, and without a call that a person makes, the server locks the session itself.',
    input: z.strictObject({}),
  },
  {
    path: '/api/auth/staff/unlock',
    id: 'staff.unlock',
    description: 'Unlocks it by the one-time code.',
    input: code,
  },
  { path: '/api/auth/sign-out', id: 'staff.signOut', description: 'Ends the session.', input: z.strictObject({}) },
];

/** What no schema says: how text is sealed. Test vectors: web/src/lib/crypto/messageCrypto.test.ts. */
const description = `Calls that change something need the \`Origin\` header of this server. Answers are \`{ok: true, value}\`
or \`{ok: false, refusal: {code, message, retryable}}\`. A call that carries a \`commandId\` (a UUID of yours) may be repeated
after a lost answer: it has the same answer and no second effect.

**Sealing.** Message text is sealed by the client. \`key.get\` hands out the conversation's keys by epoch (32 bytes, base64).
Plain bytes: length of the UTF-8 text in 4 bytes big-endian, the text, zeros up to a multiple of 64. AES-256-GCM with a random
12-byte IV; additional data is the UTF-8 text \`hearthline/1|<conversationId>|<epoch>|<senderId>|<clientId>\`; the tag is the last
16 bytes of the ciphertext. IV and ciphertext travel as base64. A retry sends the same bytes; only the refusal
\`message.staleEpoch\` (nothing was stored) means: seal anew with the newest key under a new \`clientId\`.

**Messages** have gapless numbers (\`seq\`) from 1. Join first (connect the socket), then \`message.fetch\` after the last number
you have; a gap, or a higher number on a \`heartbeat\`, means: fetch again. Marks are cumulative.`;

const info = {
  title: 'Hearthline',
  version: String(protocolVersion),
  description,
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};
const refused = {
  type: 'object',
  properties: { ok: { const: false }, refusal: schema(Refusal, 'output') },
  required: ['ok', 'refusal'],
};
const answered = (value: unknown) => ({
  type: 'object',
  properties: { ok: { const: true }, value },
  required: ['ok', 'value'],
});

function openApi() {
  const paths: Record<string, unknown> = {};
  for (const name of names) {
    paths[`/api/doors/${name}`] = {
      post: {
        operationId: name,
        tags: [name.split('.')[0]],
        description: `For: ${doors[name].for.join(', ')}. The cookie says who; the Origin must be ours. A browser that holds both cookies says \`x-as: staff\` to knock as staff.`,
        requestBody: {
          required: true,
          content: { 'application/json': { schema: schema(doors[name].input, 'input') } },
        },
        responses: {
          200: {
            description: 'Done',
            content: { 'application/json': { schema: answered(schema(doors[name].output, 'output')) } },
          },
          default: {
            description: 'Refused: see the list of codes',
            content: { 'application/json': { schema: refused } },
          },
        },
      },
    };
  }
  paths['/api/line'] = {
    get: {
      operationId: 'line',
      description: 'What any visitor may know of a line.',
      parameters: [{ name: 'line', in: 'query', schema: { type: 'string' } }],
      responses: {
        200: {
          description: 'The line',
          content: { 'application/json': { schema: answered(schema(PublicLine, 'output')) } },
        },
      },
    },
  };
  for (const { path, id, description, input } of sessions) {
    paths[path] = {
      post: {
        operationId: id,
        description,
        requestBody: { required: true, content: { 'application/json': { schema: schema(input, 'input') } } },
        responses: {
          200: { description: 'Done; the session cookie is set or changed' },
          default: { description: 'Refused', content: { 'application/json': { schema: refused } } },
        },
      },
    };
  }
  paths['/api/caller/exit'] = {
    post: {
      operationId: 'caller.exit',
      description: 'Quick exit: ends this browser session, keeps the place.',
      responses: { 204: { description: 'Done, whoever asked' } },
    },
  };
  paths['/api/caller/away'] = {
    post: {
      operationId: 'caller.away',
      description: 'The page is being closed: the place is kept 60 s.',
      responses: { 204: { description: 'Done, whoever asked' } },
    },
  };
  for (const [path, text] of [
    ['/healthz', 'The process answers'],
    ['/readyz', 'It can keep promises'],
    ['/metrics', 'Prometheus'],
  ] as const) {
    paths[path] = { get: { operationId: path.slice(1), responses: { 200: { description: text } } } };
  }
  return { openapi: '3.1.0', info, paths, components, 'x-refusals': refusals };
}

function asyncApi() {
  const messages: Record<string, unknown> = {};
  const operations: Record<string, unknown> = {};
  const add = (name: string, action: 'send' | 'receive', payload: unknown, summary: string) => {
    const id = `${action}_${name.replace('.', '_')}`;
    messages[id] = { name, summary, payload };
    operations[id] = {
      action,
      channel: { $ref: '#/channels/live' },
      messages: [{ $ref: `#/channels/live/messages/${id}` }],
    };
  };
  for (const name of names)
    add(
      name,
      'receive',
      schema(doors[name].input, 'input'),
      `For: ${doors[name].for.join(', ')}. The acknowledgement is that of the HTTP door of the same name.`,
    );
  for (const [name, of] of Object.entries(serverEvents))
    add(name, 'send', schema(of, 'output'), 'Pushed for speed; can be asked for again.');
  return {
    asyncapi: '3.0.0',
    info,
    defaultContentType: 'application/json',
    channels: {
      live: {
        address: socketPath,
        title: 'Socket.IO 4, WebSocket only',
        description:
          'query: as=caller|staff, v=protocol version, tab=random id of the tab; the session cookie says who.',
        messages,
      },
    },
    operations,
    components,
  };
}

/** The documents that a client in any language is written from; generated, never edited. */
export const contractDocs = (): Record<string, string> => ({
  'openapi.json': `${JSON.stringify(openApi(), null, 2)}\n`,
  'asyncapi.json': `${JSON.stringify(asyncApi(), null, 2)}\n`,
});
