import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';

const LIMIT_BYTES = 10 * 1024 * 1024;
const ERROR_LEVEL = 50;

/**
 * Writes a program's lines to a file, one older file kept beside it, and shows on the terminal what a person must see:
 * errors, and whatever is not a log line (a crash before the logger was up).
 */
export function logFile(file, name, show = (text) => console.error(text)) {
  let size = existsSync(file) ? statSync(file).size : 0;
  const line = (text) => {
    if (!text) return;
    const bytes = Buffer.byteLength(text) + 1;
    if (size + bytes > LIMIT_BYTES && size > 0) {
      renameSync(file, `${file}.1`);
      size = 0;
    }
    appendFileSync(file, `${text}\n`, { mode: 0o600 });
    size += bytes;
    const shown = forPeople(text);
    if (shown) show(`  ${name}: ${shown}`);
  };
  return {
    line,
    /** Splits a stream into lines; a half line waits for its other half. */
    follow(stream) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        lines.forEach(line);
      });
      stream.on('end', () => line(rest));
    },
  };
}

function forPeople(text) {
  try {
    const entry = JSON.parse(text);
    if (typeof entry?.level !== 'number') return text;
    if (entry.level < ERROR_LEVEL) return undefined;
    return [entry.msg, entry.err?.message].filter(Boolean).join(': ') || text;
  } catch {
    return text;
  }
}
