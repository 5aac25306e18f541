import { weekdays } from '@hearthline/shared/contracts/line';
import { addStaff, enrolFactor, newPassword, resetFactor } from '../auth/people.ts';
import { demoPeople, readDemoAccounts, writeDemoAccounts } from '../demo/demoAccounts.ts';
import { seedRoster } from '../demo/demoRoster.ts';
import { readLineFile, saveLine } from '../lines/lineFile.ts';
import { cli } from './settings.ts';

/** The demo line and its people, on the first run. An interrupted seed goes on where it stopped; a second does nothing. */
await cli(async ({ config, pool, auth }) => {
  if (!config.demo) return;
  const lines = await pool.query('select 1 from line limit 1');
  const accounts = readDemoAccounts(config.dataDir);
  if (lines.rowCount !== 0 && accounts.length === 0) return; // somebody's own line: no demo people in it
  for (const person of demoPeople)
    if (!accounts.some((a) => a.email === person.email))
      accounts.push({
        role: person.role,
        name: person.name,
        email: person.email,
        password: newPassword(),
        secret: null,
      });
  writeDemoAccounts(config.dataDir, accounts); // kept before the line and the accounts exist: a seed cut short goes on from here
  if (lines.rowCount === 0) {
    const example = await readLineFile(new URL('../../../lines/example.yaml', import.meta.url));
    const always = Object.fromEntries(weekdays.map((d) => [d, [{ from: '00:00', to: '24:00' }]])); // a demo is looked at at any hour
    await saveLine(pool, { ...example, hours: always, holidays: {}, intakeStopsMinutes: 0 });
  }
  for (const account of accounts) {
    const known = await pool.query('select 1 from staff where email = $1', [account.email]);
    if (known.rowCount === 0) {
      account.secret = null; // of another database
      writeDemoAccounts(config.dataDir, accounts);
      await addStaff(
        { auth, pool },
        { email: account.email, name: account.name, roles: [account.role], lineSlugs: [], password: account.password },
      );
    }
    if (account.secret) continue;
    await resetFactor(pool, account.email);
    account.secret = await enrolFactor(auth, account.email, account.password);
    writeDemoAccounts(config.dataDir, accounts);
  }
  await seedRoster(pool);
});
