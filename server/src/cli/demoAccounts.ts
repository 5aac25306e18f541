import { fromBase32, totp } from '../auth/totp.ts';
import { readDemoAccounts } from '../demo/demoAccounts.ts';

const accounts = readDemoAccounts(process.env['HEARTHLINE_DATA_DIR'] ?? '.data').filter((a) => a.secret);
if (accounts.length === 0) {
  console.log('There are no demo accounts here. Add people with: npm run staff -- add --email … --name … --role peer');
} else {
  const now = new Date();
  const rows = accounts.map((a) => [a.role, a.email, a.password, totp(fromBase32(a.secret ?? ''), now).code]);
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((r) => r[i]?.length ?? 0)));
  for (const row of rows) console.log(`  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('   ')}`);
  console.log(
    `\n  The six digits are good for ${totp(Buffer.alloc(20), now).validSeconds} s more. Fresh ones: npm run code`,
  );
}
