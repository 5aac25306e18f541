/** One measured size of a curve: what was measured, by name, in the order it is told. */
export type Point = { at: number; values: Record<string, number> };
export type Curve = { name: string; of: string; points: Point[] };

const shown = (n: number) =>
  Number.isNaN(n) ? '–' : Math.abs(n) >= 100 ? n.toFixed(0) : n.toFixed(Math.abs(n) < 10 ? 2 : 1);

/** As a table of Markdown, ready for the documents. */
export function table({ name, of, points }: Curve): string {
  const names = Object.keys(points[0]?.values ?? {});
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    `**${name}**`,
    '',
    row([of, ...names]),
    row(['--:', ...names.map(() => '--:')]),
    ...points.map((p) => row([String(p.at), ...names.map((n) => shown(p.values[n] ?? NaN))])),
  ].join('\n');
}
