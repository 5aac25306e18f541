import { weekdays } from '@hearthline/shared/contracts/line';
import { addStaff, enrolFactor, newPassword, resetFactor } from '../auth/people.ts';
import { demoPeople, readDemoAccounts, writeDemoAccounts } from '../demo/demoAccounts.ts';
import { readLineFile, saveLine } from '../lines/lineFile.ts';
import { cli } from './settings.ts';

/** The demo line and its people, on the first run. An interrupted seed goes on where it stopped; a second does nothing. */
await cli(async ({ config, pool, auth }) => {
  if (!config.demo) return;
  const lines = await pool.query('select 1 from line limit 1');
  const accounts = readDemoAccounts(config.dataDir);
  if (lines.rowCount === 0) {
    const example = await readLineFile(new URL('../../../lines/example.yaml', import.meta.url));
    const always = Object.fromEntries(weekdays.map((d) => [d, [{ from: '00:00', to: '24:00' }]])); // a demo is looked at at any hour
    await saveLine(pool, { ...example, hours: always, holidays: {}, intakeStopsMinutes: 0 });
  } else if (accounts.length === 0) return; // somebody's own line: no demo people in it
  for (const person of demoPeople) {
    let account = accounts.find((a) => a.email === person.email);
    if (!account) {
      account = { ...person, password: newPassword(), secret: null };
      accounts.push(account);
      writeDemoAccounts(config.dataDir, accounts); // the password is kept before the account can exist
    }
    const known = await pool.query('select 1 from staff where email = $1', [person.email]);
    if (known.rowCount === 0) await addStaff({ auth, pool }, { email: person.email, name: person.name, roles: [person.role], lineSlugs: [], password: account.password });
    if (account.secret) continue;
    await resetFactor(pool, person.email);
    account.secret = await enrolFactor(auth, person.email, account.password);
    writeDemoAccounts(config.dataDir, accounts);
  }
});
