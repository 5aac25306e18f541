import { doors, type DoorName } from '@hearthline/shared/contracts/doors';
import { Refusal, refusals } from '@hearthline/shared/contracts/refusals';
import { PublicLine } from '@hearthline/shared/contracts/line';
import { protocolVersion, serverEvents, socketPath } from '@hearthline/shared/contracts/socketEvents';
import * as z from 'zod';

const schema = (of: unknown, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(of as z.ZodType, { io });
  return rest;
};
const names = Object.keys(doors) as DoorName[];
const info = {
  title: 'Hearthline',
  version: String(protocolVersion),
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
  return { openapi: '3.1.0', info, paths, 'x-refusals': refusals };
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
  };
}

/** The documents that a client in any language is written from; generated, never edited. */
export const contractDocs = (): Record<string, string> => ({
  'openapi.json': `${JSON.stringify(openApi(), null, 2)}\n`,
  'asyncapi.json': `${JSON.stringify(asyncApi(), null, 2)}\n`,
});
