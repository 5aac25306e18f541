import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
// Packages may link two copies of vitest that differ in an optional peer only; a test file must get the runner's own.
const alias = [{ find: /^vitest$/, replacement: join(here, 'tests/node_modules/vitest/dist/index.js') }];
const globalSetup = [join(here, 'tests/support/globalSetup.ts')];
const exclude = ['**/node_modules/**', '**/build/**', '**/.svelte-kit/**'];
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
          include: ['{shared,web,server,workers}/src/**/*.test.ts', 'tools/**/*.test.mjs'],
          exclude,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        root: here,
        resolve: { alias },
        test: {
          name: 'services',
          include: ['tests/**/*.test.ts'],
          exclude: [...exclude, 'tests/browser/**', 'tests/**/*.alone.test.ts'],
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
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          exclude,
          globalSetup,
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 90_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
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
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
};
