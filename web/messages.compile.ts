import { compile } from '@inlang/paraglide-js';
import { messageOptions } from './messages.config.ts';

// For the checks, which read the generated functions without a build before them.
const { outputHashes } = await compile(messageOptions);
const compiled = Object.keys(outputHashes ?? {}).filter((file) => /^messages\/(?!_index).*\.js$/.test(file));
if (compiled.length === 0) throw new Error('No message was compiled: see project.inlang/settings.json and messages/.');
