import type { CompilerOptions } from '@inlang/paraglide-js';

/**
 * How messages/<language>.json becomes functions, one module a message, so that a page carries only what it says.
 * The plugin that reads the files comes from node_modules (project.inlang/settings.json): nothing is fetched.
 * A second language is one more file there and its name in the settings.
 */
export const messageOptions: CompilerOptions = {
  project: './project.inlang',
  outdir: './src/lib/paraglide',
  outputStructure: 'message-modules',
  strategy: ['baseLocale'],
  isServer: 'import.meta.env.SSR',
  emitReadme: false,
};
