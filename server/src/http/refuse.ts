import { refusals, type RefusalCode } from '@hearthline/shared/contracts/refusals';
import type { Response } from 'express';
import { refusal } from '../doors/knock.ts';

export const statusOf = (code: string): number => refusals[code as RefusalCode].status;
export function refuseWith(res: Response, code: RefusalCode, ref?: string): void {
  res.status(refusals[code].status).json({ ok: false, refusal: refusal(code, ref) });
}
