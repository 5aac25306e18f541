import type { NextFunction, Request, Response } from 'express';
import { refuseWith } from './refuse.ts';

/** A body of a kind that nobody here reads: it is refused rather than taken for none (B24). */
export const hasUnreadBody = (req: Request): boolean =>
  req.body === undefined &&
  (req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0);

const form = /^application\/x-www-form-urlencoded\s*(;|$)/i;
/** Our pages send forms of one kind. Another kind that cannot be read would be an error of the page's own handler. */
export function formsOnly(req: Request, res: Response, next: NextFunction): void {
  if (req.method === 'POST' && !form.test(req.headers['content-type'] ?? '')) refuseWith(res, 'input.malformed');
  else next();
}
