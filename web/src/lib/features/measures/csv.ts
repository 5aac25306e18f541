import type { MeasuresView } from '@hearthline/shared/contracts/measures';
import { m } from '#lib/paraglide/messages.js';
import type { Cell, Table } from './measureTables.ts';

/** RFC 4180. What a spreadsheet would take for a formula is text: names of layers are anybody's. */
const field = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
const value = (cell: Cell): string => String('n' in cell ? cell.n : (cell.seconds ?? ''));

/** One line a number, times in seconds, empty where there were too few. */
export function csvOf({ from, to, timeZone }: Pick<MeasuresView, 'from' | 'to' | 'timeZone'>, tables: Table[]): string {
  const heads = [
    m.staff_measures_from(),
    m.staff_measures_to(),
    m.staff_measures_csv_zone(),
    m.staff_measures_csv_table(),
    m.staff_measures_csv_row(),
    m.staff_measures_csv_column(),
    m.staff_measures_csv_unit(),
    m.staff_measures_csv_value(),
  ];
  const lines = tables.flatMap(({ title, columns, rows }) =>
    rows.flatMap(({ head, cells }) =>
      cells.map((cell, i) => [
        ...[from, to, timeZone, title, head, columns[i] ?? ''].map(field),
        'n' in cell ? m.staff_measures_csv_count() : m.staff_measures_csv_seconds(),
        value(cell),
      ]),
    ),
  );
  return [heads.map(field), ...lines].map((line) => line.join(',')).join('\r\n') + '\r\n';
}

/** Made here of what is shown: no other call, and nothing in its name that says what it is about. */
export function saveCsv(view: MeasuresView, tables: Table[]): void {
  const marked = `\uFEFF${csvOf(view, tables)}`; // spreadsheets read it as UTF-8 by that
  const url = URL.createObjectURL(new Blob([marked], { type: 'text/csv;charset=utf-8' }));
  const link = Object.assign(document.createElement('a'), {
    href: url,
    download: `measures_${view.from}_${view.to}.csv`,
  });
  link.click();
  URL.revokeObjectURL(url);
}
