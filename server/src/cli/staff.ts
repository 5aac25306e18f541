import { parseArgs } from 'node:util';
import { Role } from '@hearthline/shared/contracts/ids';
import { addStaff, newPassword, reinstate, resetFactor, StaffError, suspend } from '../auth/people.ts';
import { cli } from './settings.ts';

const help = `npm run staff -- add --email a@b.org --name "Maya" --role peer [--role coordinator] [--line slug]
              [--title nurse]                    what callers are told of a clinician beside the name
              [--organisation "Lake Clinic"]     only of another organisation than the line's own (42 CFR Part 2)
npm run staff -- reset-factor --email a@b.org   they enrol a new one-time code at the next sign-in
npm run staff -- suspend --email a@b.org        everything of theirs ends within 5 seconds
npm run staff -- reinstate --email a@b.org
npm run staff -- list
Roles: ${Role.options.join(', ')}`;

const { positionals, values } = asked();
const [verb] = positionals;
const needed = (name: 'email' | 'name'): string => {
  const value = values[name]?.trim();
  if (!value) throw new StaffError(`--${name} is missing.\n${help}`);
  if (name === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value))
    throw new StaffError(`${value} is not an e-mail address.`);
  return value;
};

await cli(async ({ pool, auth }) => {
  switch (verb) {
    case 'add': {
      const roles = (values.role ?? []).map((r) => {
        const role = Role.safeParse(r);
        if (!role.success) throw new StaffError(`There is no role "${r}". Roles: ${Role.options.join(', ')}`);
        return role.data;
      });
      if (roles.length === 0) throw new StaffError(`--role is missing.\n${help}`);
      const password = newPassword();
      const email = needed('email');
      const title = values.title?.trim();
      const organisation = values.organisation?.trim();
      await addStaff(
        { auth, pool },
        {
          email,
          name: needed('name'),
          roles,
          lineSlugs: values.line ?? [],
          password,
          ...(title ? { title } : {}),
          ...(organisation ? { organisation } : {}),
        },
      );
      console.log(
        `${email} can sign in at /staff with the password below, shown only now.\nThe first sign-in asks to set up a one-time code.\n\n  ${password}\n`,
      );
      return;
    }
    case 'reset-factor':
      await resetFactor(pool, needed('email'));
      return console.log('The one-time code is reset; the next sign-in asks for a new one.');
    case 'suspend':
      await suspend(pool, needed('email'));
      return console.log('Suspended; every session ends within 5 seconds.');
    case 'reinstate':
      await reinstate(pool, needed('email'));
      return console.log('Reinstated.');
    case 'list': {
      const { rows } = await pool.query<{ email: string; name: string; roles: string[]; suspended_at: Date | null }>(
        'select email, name, roles, suspended_at from staff order by email',
      );
      return console.log(
        rows
          .map((r) => `${r.email}  ${r.name}  ${r.roles.join(', ')}${r.suspended_at ? '  (suspended)' : ''}`)
          .join('\n') || 'Nobody yet.',
      );
    }
    default:
      console.log(help);
      if (!values.help) process.exitCode = 1;
  }
});

/** @returns what was typed; an option that does not exist is a sentence and exit code 2. */
function asked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        email: { type: 'string' },
        name: { type: 'string' },
        role: { type: 'string', multiple: true },
        line: { type: 'string', multiple: true },
        title: { type: 'string' },
        organisation: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\n${help}`);
    return process.exit(2);
  }
}
