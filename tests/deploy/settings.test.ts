import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '@hearthline/server/config';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../support/services.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const files = [
  'docker-compose.yml',
  'Dockerfile',
  'deploy/Caddyfile',
  'docs/systemd/hearthline.service',
  'docs/operations.md',
];
/** Not read by a server: by compose and Caddy to make the origin, and by `npm start` to choose port and media server. */
const ofOthers: Record<string, string[]> = {
  HEARTHLINE_DOMAIN: ['docker-compose.yml', 'deploy/Caddyfile', 'docs/operations.md'],
  HEARTHLINE_MEDIA_IP: ['docker-compose.yml', 'docs/operations.md'],
  HEARTHLINE_PORT: ['docs/operations.md'],
};
/** The settings that config.ts reads: asked one by one with a value that none of them takes. */
const known = ['server/src/config.ts', 'server/src/means/meansSettings.ts'].flatMap((path) =>
  [...read(path).matchAll(/^ {2}([A-Z][A-Z0-9_]+): (?:z|flag|optional)\b/gm)].map(([, name = '']) => name),
);
const settings = (path: string) => [...new Set(read(path).match(/\bHEARTHLINE_[A-Z0-9_]*[A-Z0-9]\b/g) ?? [])];
const valid = {
  DATABASE_URL: 'postgresql://x/y',
  REDIS_URL: 'redis://x',
  HEARTHLINE_SECRET: 'a secret that is long enough for everybody',
  HEARTHLINE_ORIGIN: 'https://line.example.org',
};

test('config.ts reads each setting by its name, and no other', () => {
  expect(known.length).toBeGreaterThan(15);
  expect(known).toEqual(expect.arrayContaining([...Object.keys(valid), 'HEARTHLINE_TRUST_PROXY', 'PORT', 'LOG_LEVEL']));
  for (const name of known.filter((n) => n !== 'HEARTHLINE_BIND' && !n.endsWith('_DIR')))
    expect(() => readConfig({ ...valid, [name]: /^[A-Z]+_URL$/.test(name) ? '' : '\0' }), name).toThrow(name);
});

test.each(files)('every HEARTHLINE_… in %s is a setting there is', (path) => {
  const strangers = settings(path).filter((name) => !known.includes(name) && !ofOthers[name]?.includes(path));
  expect(strangers).toEqual([]);
});

test('npm start reads the port and the public address that the documents name', () => {
  expect(read('tools/supervise/port.mjs')).toContain('HEARTHLINE_PORT');
  expect(read('tools/supervise/calls.mjs')).toContain('HEARTHLINE_MEDIA_IP');
});

test('what compose hands to a server is read by it, and makes a server that starts', () => {
  const compose = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, { build?: unknown; environment: Record<string, string> }>;
  };
  const env = {
    HEARTHLINE_DOMAIN: 'line.example.org',
    HEARTHLINE_SECRET: 'kT3vQ0pZr8LwXh1sJ6nYdB5mFc2aGe9uRo7iVt4q',
    POSTGRES_PASSWORD: 'p'.repeat(48),
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 's'.repeat(48),
  };
  const filled = (value: string) =>
    value.replace(
      /\$\{(\w+)(?::([?-])[^}]*)?\}/g,
      (_, name: string, unset?: string) => env[name as keyof typeof env] ?? (unset === '-' ? '' : 'not set'),
    );
  const ours = Object.entries(compose.services).filter(([, s]) => s.build);
  expect(ours.map(([name]) => name).sort()).toEqual(['migrate', 'server', 'worker']);
  const image = Object.fromEntries(
    [...read('Dockerfile').matchAll(/^ENV (.+)$/gm)].flatMap(([, pairs = '']) =>
      pairs.split(' ').map((p) => p.split('=') as [string, string]),
    ),
  );
  for (const [name, { environment }] of ours) {
    expect(
      Object.keys(environment).filter((k) => !known.includes(k)),
      name,
    ).toEqual([]);
    const given = Object.fromEntries(Object.entries(environment).map(([k, v]) => [k, filled(v)]));
    const config = readConfig({ ...image, ...given });
    expect(config).toMatchObject({
      origin: 'https://line.example.org',
      bind: '0.0.0.0',
      trustProxy: true,
      demo: false,
    });
    expect(config).toMatchObject({ dataDir: '/data', keysDir: '/keys', port: 3000 });
    const livekit = { url: 'http://livekit:7880', key: 'key', secret: 's'.repeat(48) };
    expect(config.media).toMatchObject({ calls: 'auto', livekit });
  }
});

test('the proxy names where the server listens, and says whose address it is', () => {
  const caddy = read('deploy/Caddyfile');
  expect(caddy).toMatch(/reverse_proxy server:3000 \{/);
  expect(caddy).toMatch(/header_up X-Forwarded-For \{remote_host\}/);
  expect(caddy).not.toMatch(/^\s*log\b/m); // who called is written down nowhere
});

test('[S39] no secret stands in a file that is kept', () => {
  for (const path of files) {
    const text = read(path);
    for (const [, name = '', value = ''] of text.matchAll(
      /(?<!\$\{\w*)\b(\w*(?:SECRET|PASSWORD|TOKEN|API_KEY))\b\s*[:=]\s*(\S*)/g,
    ))
      expect(value, `${name} in ${path}`).toMatch(/^(\$\{\w+(:\?.*|:-\}|\})|\$\(openssl|)$/);
    expect(text, path).not.toMatch(/:\/\/[^\s:@/]+:(?!\$\{)[^\s@/]+@/); // a password in an address
    expect(text, path).not.toMatch(/-----BEGIN|[A-Fa-f0-9]{40,}|[A-Za-z0-9+/]{43}=/);
  }
});
