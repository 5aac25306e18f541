import type { Request } from 'express';

/** A body of a kind that nobody here reads: it is refused rather than taken for none (B24). */
export const hasUnreadBody = (req: Request): boolean =>
  req.body === undefined &&
  (req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0);
