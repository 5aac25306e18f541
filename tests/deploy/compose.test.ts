import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { livekitConfig, livekitPlace } from '../../tools/services/livekit.mjs';
import { LIVEKIT_VERSION } from '../../tools/services/livekitBinary.mjs';
import { ROOT } from '../support/services.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
type Service = {
  image?: string;
  build?: unknown;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: unknown;
  privileged?: boolean;
};
type Compose = { services: Record<string, Service>; volumes: Record<string, unknown> };
const text = read('docker-compose.yml');
const { name, ...compose } = parse(text, { merge: true }) as Compose & { name: string };
const services = Object.entries(compose.services);

const ajv = new Ajv2019({
  strict: false,
  allErrors: true,
  formats: { ports: true, expose: true, duration: true, subnet_ip_address: true },
});
ajv.removeKeyword('id'); // the schema still names its parts as older drafts did; they are not referred to by these names
const { $schema: draft, ...schema } = JSON.parse(read('tests/deploy/compose-spec.json')) as { $schema: string };
const fits = ajv.compile(schema);
const faults = (given: unknown) =>
  fits(given) ? [] : (fits.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);

test('docker-compose.yml is what the Compose Specification says', () => {
  expect(faults(compose)).toEqual([]);
  expect(services.length).toBeGreaterThanOrEqual(6);
  // `name` came to the specification after this edition of the schema; this is its pattern there
  expect(name).toMatch(/^[a-z0-9][a-z0-9_-]+$/);
});

test('the schema is the one of the draft that judges here', () => expect(draft).toContain('2019-09'));

test('the schema notices what is not of the specification', () => {
  const spoiled = (change: (server: Record<string, unknown>) => void) => {
    const copy = structuredClone(compose);
    change(copy.services['server'] as Record<string, unknown>);
    return faults(copy);
  };
  expect(spoiled((s) => (s['evironment'] = {}))).not.toEqual([]);
  expect(spoiled((s) => (s['volumes'] = 'data:/data'))).not.toEqual([]);
  expect(spoiled((s) => (s['depends_on'] = { redis: { condition: 'service_ready' } }))).not.toEqual([]);
  expect(spoiled((s) => (s['healthcheck'] = { tets: [] }))).not.toEqual([]);
  expect(spoiled(() => {})).toEqual([]);
});

test('names inside it belong together: services, volumes, files of the tree', () => {
  for (const [service, s] of services) {
    for (const [other, { condition }] of Object.entries(s.depends_on ?? {})) {
      expect(Object.keys(compose.services), `${service} waits for ${other}`).toContain(other);
      if (condition === 'service_healthy') expect(compose.services[other]?.healthcheck, other).toBeDefined();
    }
    for (const volume of s.volumes ?? []) {
      const [from = ''] = volume.split(':');
      if (from.startsWith('./')) expect(() => read(from.slice(2)), volume).not.toThrow();
      else expect(Object.keys(compose.volumes), volume).toContain(from);
    }
    for (const file of (s.command ?? []).filter((c) => c.endsWith('.ts'))) expect(() => read(file), file).not.toThrow();
  }
  for (const { 1: file = '' } of text.matchAll(/^\s*build: (\S+)$/gm))
    expect(read(join(file, 'Dockerfile'))).toMatch(/^FROM /m);
});

test('images have a fixed major version, our own is built here', () => {
  const foreign = services.flatMap(([, s]) => (s.image && !s.build ? [s.image] : []));
  expect(foreign.length).toBeGreaterThanOrEqual(3);
  for (const image of foreign) expect(image).toMatch(/^[a-z][a-z0-9/.-]*:v?\d+(\.\d+)*(-[a-z0-9.]+)?$/);
  for (const [, image = ''] of read('Dockerfile').matchAll(/^FROM (\S+)/gm))
    if (image !== 'base') expect(image).toMatch(/:\d+\.\d+\.\d+/);
});

test('only the proxy, and sound and picture, are reached from outside; nothing runs with rights it does not need', () => {
  expect(Object.fromEntries(services.flatMap(([service, s]) => (s.ports ? [[service, s.ports]] : [])))).toEqual({
    caddy: ['80:80', '443:443', '443:443/udp'],
    livekit: ['7881:7881', '7882:7882/udp'],
  });
  expect(services.filter(([, s]) => s.privileged)).toEqual([]);
  expect(read('Dockerfile')).toMatch(/^USER node$/m);
  expect(text).not.toMatch(/docker\.sock|network_mode: host/);
});

test('[S31] keys lie apart from the data they lock', () => {
  for (const [service, s] of services.filter(([, one]) => one.build)) {
    expect(s.volumes, service).toEqual(expect.arrayContaining(['data:/data', 'keys:/keys']));
  }
});

test('[V4] the media server of compose is set as the one of npm start', async () => {
  const { image, environment, healthcheck } = compose.services['livekit'] as Service;
  expect(image).toBe(`livekit/livekit-server:v${LIVEKIT_VERSION}`);
  expect(healthcheck).toBeDefined();
  type Config = { port: number } & Record<string, Record<string, unknown>>;
  const config = (text = '') => parse(text) as Config;
  const set = config(environment?.['LIVEKIT_CONFIG']);

  const data = mkdtempSync(join(tmpdir(), 'livekit-'));
  const place = await livekitPlace({ data, ip: '203.0.113.7' });
  const own = config(JSON.stringify(livekitConfig(place, { webhook: 'http://server:3000/api/media/webhook' })));
  rmSync(data, { recursive: true });
  expect(set['room']).toEqual(own['room']);
  expect(set['logging']).toEqual(own['logging']);
  expect(set['webhook']?.['urls']).toEqual(own['webhook']?.['urls']);
  const { node_ip: ip, ...rtc } = own['rtc'] ?? {};
  expect(set['rtc']).toEqual({ ...rtc, stun_servers: ['${HEARTHLINE_MEDIA_IP}:7883'] });
  expect(rtc['stun_servers']).toEqual(['203.0.113.7:7883']);
  expect(environment?.['NODE_IP']).toMatch(/^\$\{HEARTHLINE_MEDIA_IP:\?.*\}$/);
  expect(ip).toBe('203.0.113.7');
  // server and worker speak to it by its name, at its port, with its key
  expect(compose.services['server']?.environment).toMatchObject({
    LIVEKIT_URL: `http://livekit:${set.port}`,
  });
  expect(environment?.['LIVEKIT_KEYS']).toBe("'${LIVEKIT_API_KEY}': '${LIVEKIT_API_SECRET}'");
  expect(set['webhook']?.['api_key']).toBe('${LIVEKIT_API_KEY}');
});
