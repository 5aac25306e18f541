import express, { type RequestHandler } from 'express';
import * as z from 'zod';
import { answerByPhone } from '../commands/means/answerByPhone.ts';
import { markDelivered, markUndelivered } from '../commands/means/markPage.ts';
import type { Deps } from '../deps.ts';
import { isSigned, signatureHeader } from '../means/signature.ts';
import { pressedText } from '../means/pageText.ts';
import { answeredTwiml, heardOfTwilio, isOfTwilio, twilioHook } from '../means/twilio.ts';
import { refuseWith } from './refuse.ts';

const noPage: RequestHandler = (req, res, next) =>
  req.headers.origin === undefined ? next() : refuseWith(res, 'origin.refused');
const Id = z.uuid();
const FromGateway = z.strictObject({
  id: Id,
  state: z.enum(['delivered', 'failed']),
  at: z.iso.datetime({ offset: true }),
});
const Fields = z.record(z.string(), z.string());
const rawBody = (type: string) => express.raw({ type, limit: '16kb', inflate: false });
const textOf = (body: unknown): string => (Buffer.isBuffer(body) ? body.toString('utf8') : '');

const marks = { delivered: markDelivered, failed: markUndelivered };

/** [PG5] What a line's own gateway says of a page. Signed over the raw body, and read only after that was judged. */
export function gatewayHook(deps: Deps): RequestHandler[] {
  const gateway = deps.config.means.webhook;
  if (!gateway) return [noPage, (_req, res) => refuseWith(res, 'door.unknown')];
  return [
    noPage,
    rawBody('application/json'),
    async (req, res) => {
      const body = textOf(req.body);
      if (!isSigned(gateway.secret, body, req.get(signatureHeader) ?? '', deps.clock.now()))
        return refuseWith(res, 'auth.required');
      const said = FromGateway.safeParse(parsed(body));
      if (!said.success) return refuseWith(res, 'input.malformed');
      await marks[said.data.state](deps, said.data.id, ['webhook']);
      res.json({ ok: true });
    },
  ];
}

/** [PG5] What Twilio says of a message or a call, [PG12] and the key that was pressed: signed over the address that we gave it and every field. */
export function twilioStatusHook(deps: Deps): RequestHandler[] {
  const account = deps.config.means.twilio;
  const { origin } = deps.config;
  if (!account || !origin) return [noPage, (_req, res) => refuseWith(res, 'door.unknown')];
  return [
    noPage,
    rawBody('application/x-www-form-urlencoded'),
    async (req, res) => {
      const fields = Fields.parse(Object.fromEntries(new URLSearchParams(textOf(req.body))));
      const page = new URL(req.originalUrl, origin).searchParams.get('page');
      const url = `${origin}${req.originalUrl}`;
      if (!isOfTwilio(account.token, url, fields, req.get('x-twilio-signature') ?? ''))
        return refuseWith(res, 'auth.required');
      const pageId = Id.safeParse(page);
      const heard = heardOfTwilio(fields['MessageStatus'] ?? fields['CallStatus'] ?? '');
      if (pageId.success && heard) await marks[heard](deps, pageId.data, ['sms', 'voice']);
      const { Digits: digit } = fields;
      if (digit !== undefined) {
        const came = pageId.success ? await answerByPhone(deps, pageId.data, digit) : 'over';
        return void res.type('text/xml').send(answeredTwiml(pressedText[came]));
      }
      res.status(204).end();
    },
  ];
}
export { twilioHook };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
