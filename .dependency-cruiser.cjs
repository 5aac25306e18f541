// The arrows of ARCHITECTURE.md: who may import whom.
const WORKER_MAY =
  '^server/src/(commands|storage|matching|due|means|media|queue|events|keys|deps\\.ts|config\\.ts|delivery)(/|$)';

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'domain-is-pure',
      comment:
        'shared/src/domain imports nothing outside shared, no Node module and no package, but recurrence (RFC 5545), which is as pure',
      severity: 'error',
      from: { path: '^shared/src/domain', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^shared/src/|/node_modules/rrule-temporal/' },
    },
    {
      name: 'shared-stands-alone',
      severity: 'error',
      from: { path: '^shared/src' },
      to: { path: '^(server|web|workers|tests)/' },
    },
    {
      name: 'web-imports-shared-only',
      severity: 'error',
      from: { path: '^web/src' },
      to: { path: '^(server|workers|tests)/' },
    },
    {
      name: 'server-imports-shared-only',
      comment: 'and the built pages, which app.ts mounts',
      severity: 'error',
      from: { path: '^server/src' },
      to: { path: '^(workers|tests|web/src)/' },
    },
    {
      name: 'workers-use-the-inside-of-the-server',
      severity: 'error',
      from: { path: '^workers/src' },
      to: { path: '^server/src', pathNot: WORKER_MAY },
    },
    {
      name: 'doors-are-mounted-by-app-only',
      comment:
        'nothing imports server/src/http or server/src/realtime but server/src/app.ts and they themselves; a type is no arrow',
      severity: 'error',
      from: { path: '^(server|workers)/src', pathNot: '^server/src/(app\\.ts$|http/|realtime/|cli/contractDocs)' },
      to: { path: '^server/src/(http|realtime)/', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(\\.svelte-kit|/build/|/paraglide/)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    preserveSymlinks: false,
  },
};
