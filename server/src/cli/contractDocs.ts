import { mkdirSync, writeFileSync } from 'node:fs';
import { contractDocs } from '../docs/contractDocs.ts';

const folder = new URL('../../../docs/api/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(contractDocs())) writeFileSync(new URL(name, folder), text);
console.log('wrote docs/api/openapi.json and docs/api/asyncapi.json');
