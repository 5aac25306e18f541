import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LineConfig } from '@hearthline/shared/contracts/line';
import { parse, stringify } from 'yaml';
import { until } from './line.ts';
import { ROOT, freshFolder, program, type Stack } from './services.ts';

const cli = join(ROOT, 'server/src/cli/line.ts');

/** Changes the demo line as an administrator does: export the file, edit it, import it; waits until the server shows it. */
export async function changeLine(stack: Stack, change: Partial<LineConfig>): Promise<void> {
  const config = { ...(parse(await program(cli, stack.env, ['export', 'riverbend'])) as LineConfig), ...change };
  const file = join(freshFolder('line'), 'line.yaml');
  writeFileSync(file, stringify({ ...config, about: `${config.about} ` }));
  await program(cli, stack.env, ['import', file]);
  const shown = (key: keyof LineConfig, value: unknown) => JSON.stringify(config[key]) === JSON.stringify(value);
  await until(
    'the line has changed',
    async () => {
      const { value } = (await (await fetch(`${stack.url}/api/line`)).json()) as { value: { config: LineConfig } };
      return (Object.keys(change) as (keyof LineConfig)[])
        .filter((key) => key in value.config)
        .every((key) => shown(key, value.config[key]));
    },
    15_000,
  );
}
