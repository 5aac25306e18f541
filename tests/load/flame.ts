import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `node tests/load/flame.ts <folder of BENCH_PROFILE> <picture.svg> [seconds]`: the busiest seconds of the process that
 * did most, as a flame picture. Width is time on the processor; what lies on top was running.
 */
type CallFrame = { functionName: string; url: string; lineNumber: number };
type Profile = {
  nodes: { id: number; callFrame: CallFrame; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
};
type Flame = { name: string; kind: Kind; time: number; children: Map<string, Flame> };
type Kind = 'ours' | 'library' | 'node' | 'native';

const [folder, picture, window = '3'] = process.argv.slice(2);
if (!folder || !picture) {
  console.error('node tests/load/flame.ts <folder with .cpuprofile files> <picture.svg> [seconds]');
  process.exit(2);
}
const idle = new Set(['(idle)', '(program)', '(root)']);
const profiles = readdirSync(folder)
  .filter((file) => file.endsWith('.cpuprofile'))
  .map((file) => busiest(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile, Number(window)))
  .sort((a, b) => b.busy - a.busy);
const [most] = profiles;
if (!most) throw new Error(`no .cpuprofile in ${folder}`);
writeFileSync(picture, draw(most.root, most.busy, Number(window)));
console.log(`${picture}: ${(most.busy / Number(window) / 1e4).toFixed(0)} % of a core, by what was running:`);
for (const [name, time] of most.self.slice(0, 25))
  console.log(`${((100 * time) / most.busy).toFixed(1).padStart(6)} %  ${name}`);

function busiest(profile: Profile, seconds: number) {
  const nodes = new Map(profile.nodes.map((n) => [n.id, n]));
  const parent = new Map(profile.nodes.flatMap((n) => (n.children ?? []).map((c) => [c, n.id] as const)));
  const nameOf = (id: number) => nodes.get(id)?.callFrame.functionName ?? '';
  const starts: number[] = [];
  let at = 0;
  for (const delta of profile.timeDeltas) starts.push((at += delta));
  const perTenth: number[] = [];
  profile.samples.forEach((id, i) => {
    const tenth = Math.floor((starts[i] ?? 0) / 1e5);
    if (!idle.has(nameOf(id))) perTenth[tenth] = (perTenth[tenth] ?? 0) + (profile.timeDeltas[i] ?? 0);
  });
  const width = seconds * 10;
  const busyFrom = (from: number) => perTenth.slice(from, from + width).reduce((sum, n) => sum + (n || 0), 0);
  const skipped = 20; // the start of the program is another story
  let from = skipped;
  for (let i = skipped; i < perTenth.length; i++) if (busyFrom(i) > busyFrom(from)) from = i;

  const root: Flame = { name: 'all', kind: 'node', time: 0, children: new Map() };
  const self = new Map<string, number>();
  profile.samples.forEach((id, i) => {
    const time = profile.timeDeltas[i] ?? 0;
    const tenth = (starts[i] ?? 0) / 1e5;
    if (idle.has(nameOf(id)) || tenth < from || tenth >= from + width) return;
    const stack: CallFrame[] = [];
    for (let n: number | undefined = id; n !== undefined; n = parent.get(n)) {
      const frame = nodes.get(n)?.callFrame;
      if (frame && frame.functionName !== '(root)') stack.unshift(frame);
    }
    root.time += time;
    let here = root;
    for (const frame of stack) {
      const name = label(frame);
      let next = here.children.get(name);
      if (!next) here.children.set(name, (next = { name, kind: kindOf(frame), time: 0, children: new Map() }));
      next.time += time;
      here = next;
    }
    self.set(here.name, (self.get(here.name) ?? 0) + time);
  });
  return { root, busy: root.time, self: [...self].sort((a, b) => b[1] - a[1]) };
}

function kindOf({ url }: CallFrame): Kind {
  if (url === '') return 'native';
  if (url.startsWith('node:')) return 'node';
  return url.includes('node_modules') ? 'library' : 'ours';
}
function label(frame: CallFrame): string {
  const name = frame.functionName || '(anonymous)';
  if (frame.url === '') return name;
  const path = frame.url.includes('node_modules/')
    ? frame.url.split('node_modules/').at(-1)
    : frame.url.split('/').slice(-2).join('/');
  return `${name} ${path}:${frame.lineNumber + 1}`;
}

function draw(root: Flame, busy: number, seconds: number): string {
  const [wide, high] = [1200, 16];
  const colours: Record<Kind, string> = { ours: '#2f7d6b', library: '#c9a227', node: '#8a94a6', native: '#b4553f' };
  const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
  const boxes: string[] = [];
  let deepest = 0;
  const place = (flame: Flame, x: number, depth: number) => {
    const w = (flame.time / root.time) * wide;
    if (w < 1) return;
    deepest = Math.max(deepest, depth);
    const text =
      w > 40
        ? `<text x="${(x + 3).toFixed(1)}" y="${depth * high + 12}">${escaped(flame.name.slice(0, Math.floor(w / 6)))}</text>`
        : '';
    const share = ((100 * flame.time) / busy).toFixed(1);
    boxes.push(
      `<g><title>${escaped(flame.name)}, ${share} %</title><rect x="${x.toFixed(1)}" y="${depth * high}" width="${w.toFixed(1)}" height="${high - 1}" fill="${colours[flame.kind]}"/>${text}</g>`,
    );
    let left = x;
    for (const child of [...flame.children.values()].sort((a, b) => b.time - a.time)) {
      place(child, left, depth + 1);
      left += (child.time / root.time) * wide;
    }
  };
  place(root, 0, 0);
  const legend = `busy ${(busy / 1e6).toFixed(2)} of ${seconds} s · green ours, yellow libraries, grey Node, red native`;
  const height = (deepest + 2) * high;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${height}" font-family="monospace" font-size="10" fill="#fff"><rect width="100%" height="100%" fill="#fbfaf7"/>${boxes.join('')}<text x="4" y="${height - 4}" fill="#333">${legend}</text></svg>\n`;
}
