import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createApp, type App } from '@hearthline/server/app';
import type { Deps } from '@hearthline/server/deps';
import { ROOT } from './services.ts';

type Listed = { path: string | string[]; methods: string[] | undefined; router: Routed | undefined };
type Routed = { listRoutes(): Listed[] };
type Express = { application: { init(this: { router: Routed }): void } };

/** An app on these dependencies, and every route mounted on it: `METHOD /path`, HEAD left out where it is GET's shadow. */
export function appWithRoutes(deps: Deps): { app: App; routes: string[] } {
  const express = createRequire(join(ROOT, 'server/src/app.ts'))('express') as Express;
  const { init } = express.application;
  const made: { router: Routed }[] = [];
  express.application.init = function () {
    made.push(this);
    init.call(this);
  };
  try {
    const app = createApp(deps, (_req, res) => void res.status(404).end());
    return { app, routes: made.flatMap((m) => listed(m.router)) };
  } finally {
    express.application.init = init;
  }
}

function listed(router: Routed, prefix = ''): string[] {
  return router.listRoutes().flatMap(({ path, methods, router: inner }) => {
    const full = (prefix + String(path)).replace(/(.)\/$/, '$1');
    if (inner) return listed(inner, full === '/' ? '' : full);
    return (methods ?? []).filter((m) => m !== 'HEAD').map((m) => `${m} ${full}`);
  });
}

/** Every page that web/src/routes has, as its path: a folder with a `+page.svelte` or a `+page.server.ts`. */
export function pageRoutes(): string[] {
  const folder = join(ROOT, 'web/src/routes');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const pages = files.filter((f) => /(^|\/)\+(page\.svelte|page\.server\.ts|server\.ts)$/.test(f));
  const paths = pages.map((f) =>
    f
      .split('/')
      .slice(0, -1)
      .filter((part) => !/^\(.*\)$/.test(part))
      .join('/'),
  );
  return [...new Set(paths.map((p) => `/${p}`))].sort();
}
