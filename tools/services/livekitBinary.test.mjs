import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { livekitPlace, startLivekit } from './livekit.mjs';
import { LIVEKIT_VERSION, findLivekit } from './livekitBinary.mjs';
import { buildLivekit, findGo } from './livekitBuild.mjs';

let tools;
let path;
let said;
beforeEach(() => {
  tools = mkdtempSync(join(tmpdir(), 'tools of '));
  path = mkdtempSync(join(tmpdir(), 'path of '));
  said = [];
});
afterEach(() => [tools, path].forEach((folder) => rmSync(folder, { recursive: true })));

const say = (text) => said.push(text);
const look = (name) => (readdirSync(path).includes(name) ? join(path, name) : undefined);
const find = (options) => findLivekit(tools, { say, look, ...options });
/** A command that runs this shell script. */
function command(folder, name, script) {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}
const server = (version) => `echo "livekit-server version ${version}"`;
const calls = () => readFileSync(join(path, 'calls'), 'utf8').trim().split('\n');
const linux = process.platform === 'linux';

test('one on the PATH comes before one in .tools', () => {
  expect(find()).toBeUndefined();
  command(tools, 'livekit-server', server('1.2.3'));
  expect(find()).toMatchObject({ command: join(tools, 'livekit-server'), version: '1.2.3' });
  command(path, 'livekit-server', server('1.2.4'));
  expect(find()).toMatchObject({ command: join(path, 'livekit-server'), version: '1.2.4' });
});

test('one that does not run is said and left out', () => {
  command(path, 'livekit-server', 'exit 1');
  command(tools, 'livekit-server', server('1.2.3'));
  expect(find()).toMatchObject({ version: '1.2.3' });
  expect(said).toEqual([expect.stringMatching(/path of .*livekit-server does not run here/)]);
});

test.runIf(linux)('an engine that answers is the last, and not where it is not wanted', () => {
  command(path, 'docker', `echo "$@" >> "${join(path, 'calls')}"`);
  expect(find({ docker: false })).toBeUndefined();
  const image = `livekit/livekit-server:v${LIVEKIT_VERSION}`;
  expect(find()).toMatchObject({ command: join(path, 'docker'), image, version: LIVEKIT_VERSION });
  expect(calls()).toEqual(['info', `image inspect ${image}`]);
  command(tools, 'livekit-server', server('1.2.3'));
  expect(find()).toMatchObject({ version: '1.2.3' });
});

test.runIf(linux)('an image that is not there is fetched once; an engine that does not answer is none', () => {
  const pulls = (code) => `[ "$1" = image ] && exit 1\n[ "$1" = pull ] && exit ${code}\nexit 0`;
  command(path, 'docker', pulls(0));
  expect(find()).toMatchObject({ version: LIVEKIT_VERSION });
  expect(said).toEqual([expect.stringContaining('getting the image')]);
  command(path, 'docker', pulls(1));
  expect(find()).toBeUndefined();
  expect(said.at(-1)).toContain('could not be fetched');
  command(path, 'docker', 'exit 1');
  expect(find()).toBeUndefined();
});

test('a container has a name, by which it is removed before and after', async () => {
  const serve = `const { source } = /source=(?<source>[^,]+)/.exec(process.argv.join(' ')).groups;
    const { port } = JSON.parse(require('node:fs').readFileSync(source, 'utf8'));
    require('node:http').createServer((_, res) => res.end('OK')).listen(port, '127.0.0.1');`;
  writeFileSync(join(path, 'serve.cjs'), serve);
  const run = `[ "$1" = run ] && exec "${process.execPath}" "${join(path, 'serve.cjs')}" "$@"`;
  command(path, 'docker', `echo "$1 $2 $3" >> "${join(path, 'calls')}"\n${run}\nexit 0`);
  const place = await livekitPlace({ data: join(tools, 'data') });
  const started = await startLivekit(place, { command: join(path, 'docker'), before: ['run', '--rm'], image: 'x' });
  await started.stop();
  const [before, ran, after] = calls();
  expect([before, ran]).toEqual([
    expect.stringMatching(/^rm --force hearthline-livekit-[0-9a-f]{12}$/),
    'run --rm --name',
  ]);
  expect(after).toBe(before);
  expect(started.process.running).toBe(false);
});

test('a Go that cannot fetch the right one by itself is none', () => {
  command(path, 'go', 'echo go1.20.14');
  expect(findGo(look)).toBeUndefined();
  command(path, 'go', 'echo go1.21.0');
  expect(findGo(look)).toBe(join(path, 'go'));
});

test('two who build at once build once, and what was half done is not left', async () => {
  const script = `while [ "$1" != -o ]; do shift; done; printf '#!/bin/sh\\n${server('1.2.3')}\\n' > "$2"; chmod +x "$2"`;
  command(path, 'go', `echo built >> "${join(path, 'calls')}"; ${script}`);
  const both = [1, 2].map(() => buildLivekit(join(path, 'go'), tools, say));
  expect(await Promise.all(both)).toEqual([true, true]);
  expect(calls()).toEqual(['built']);
  expect(readdirSync(tools)).toEqual(['livekit-server']);
  expect(find()).toMatchObject({ version: '1.2.3' });
});

test('a build that fails is said, with its last lines, and is no error', async () => {
  command(path, 'go', 'echo "module lookup disabled" >&2; exit 1');
  expect(await buildLivekit(join(path, 'go'), tools, say)).toBe(false);
  expect(said.at(-1)).toBe('LiveKit could not be built:\nmodule lookup disabled');
  expect(readdirSync(tools)).toEqual([]);
});
