import type { NextFunction, Request, Response } from 'express';
import type { Config } from '../config.ts';
import { ownOrigins } from './cookies.ts';
import { refuseWith } from './refuse.ts';

/**
 * Only calls of a path under our own name pass (B24). Another name that leads here, as one that was bound to this machine
 * for a moment, would make a foreign page an own one to whatever compares Origin with Host.
 */
export function toOurName(config: Config) {
  const names = ownOrigins(config).map((origin) => new URL(origin).host);
  return (req: Request, res: Response, next: NextFunction): void => {
    const [name, second] = req.headersDistinct['host'] ?? [];
    if (!req.url.startsWith('/')) return refuseWith(res, 'input.malformed');
    if (!name || second !== undefined || !names.includes(name.toLowerCase())) return refuseWith(res, 'host.unknown');
    next();
  };
}
