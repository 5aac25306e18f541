import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
// Packages may link two copies of vitest that differ in an optional peer only; a test file must get the runner's own.
const alias = [{ find: /^vitest$/, replacement: join(here, 'tests/node_modules/vitest/dist/index.js') }];
const globalSetup = [join(here, 'tests/support/globalSetup.ts')];
const exclude = ['**/node_modules/**', '**/build/**', '**/.svelte-kit/**'];
/** They need a real media server, which not every machine can have. */
const livekit = 'tests/browser/*.livekit.test.ts';
const media = 'tests/media/*.livekit.test.ts';
/** They need no service, and minutes. */
const long = 'tests/**/*.long.test.ts';
/** They hold what a person sees against a time, or fill the machine: one after the other. */
const timed = 'tests/browser/{fault*,alarm,canary,journey,leaving,lighthouse,offers,staffLock}.test.ts';
const workers = Math.max(2, Math.min(4, availableParallelism()));

export default {
  root: here,
  test: {
    watch: false,
    maxWorkers: workers,
    projects: [
      {
        root: here,
        resolve: { alias },
        test: {
          name: 'domain',
          include: [
            '{shared,web,server,workers}/src/**/*.test.ts',
            'tools/**/*.test.mjs',
            'tests/simulation/*.test.ts',
          ],
          exclude: [...exclude, long],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        root: here,
        resolve: { alias },
        test: { name: 'long', include: [long], exclude },
      },
      {
        root: here,
        resolve: { alias },
        test: {
          name: 'services',
          include: ['tests/**/*.test.ts'],
          exclude: [...exclude, 'tests/browser/**', 'tests/simulation/**', 'tests/**/*.alone.test.ts', media],
          globalSetup,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        root: here,
        resolve: { alias },
        test: {
          name: 'media',
          include: [media],
          exclude,
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        root: here,
        resolve: { alias },
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          exclude: [...exclude, livekit, timed],
          globalSetup,
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        root: here,
        resolve: { alias },
        test: {
          name: 'timed',
          include: [timed],
          exclude,
          globalSetup,
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 90_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        root: here,
        resolve: { alias },
        test: {
          name: 'livekit',
          include: [livekit],
          exclude,
          globalSetup,
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        root: here,
        resolve: { alias },
        test: {
          name: 'alone', // they hold times against each other: no other test runs meanwhile
          include: ['tests/**/*.alone.test.ts'],
          exclude,
          globalSetup,
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 90_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
};
