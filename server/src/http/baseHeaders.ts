import type { RequestHandler } from 'express';
import type { Config } from '../config.ts';

/**
 * What every answer says, whoever gives it: pages, assets, health, and the refusals that the page framework and the static
 * files write by themselves. Pages and assets replace what they know better.
 */
export function baseHeaders({ origin }: Pick<Config, 'origin'>): RequestHandler {
  const headers = {
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(origin ? { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' } : {}),
  };
  return (_req, res, next) => {
    res.set(headers);
    next();
  };
}
