import { readFileSync } from 'node:fs';
import express, { type Router } from 'express';

/** The contract documents, generated from the schemas (`npm run docs`) and checked for drift by the tests. */
export function docsRoutes(): Router {
  const router = express.Router();
  for (const name of ['openapi.json', 'asyncapi.json']) {
    const text = readFileSync(new URL(`../../../docs/api/${name}`, import.meta.url), 'utf8');
    router.get(`/${name}`, (_req, res) => void res.type('json').send(text));
  }
  router.get('/', (_req, res) => void res.json({ http: '/api/docs/openapi.json', sockets: '/api/docs/asyncapi.json' }));
  return router;
}
