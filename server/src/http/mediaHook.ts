import express, { type RequestHandler } from 'express';
import { WebhookReceiver } from 'livekit-server-sdk';
import { reconcileRooms } from '../commands/media/reconcileRooms.ts';
import type { Deps } from '../deps.ts';
import { refuseWith } from './refuse.ts';

const mostRemembered = 5000;
const noPage: RequestHandler = (req, res, next) =>
  req.headers.origin === undefined ? next() : refuseWith(res, 'origin.refused');

/**
 * What the media server says of its rooms: signed over the raw body, and believed in nothing but that it is time to look. A
 * repeat, another order or a loss changes nothing; every 12 s somebody looks anyway.
 */
export function mediaHook(deps: Deps): RequestHandler[] {
  const { livekit } = deps.config.media;
  if (!livekit) return [noPage, (_req, res) => refuseWith(res, 'door.unknown')];
  const receiver = new WebhookReceiver(livekit.key, livekit.secret);
  const known = new Set<string>();
  const waiting = new Set<string>();
  let busy = Promise.resolve();
  const look = (name: string) => {
    if (waiting.has(name)) return;
    waiting.add(name);
    busy = busy.then(async () => {
      waiting.delete(name);
      await reconcileRooms(deps, name).catch((e: Error) =>
        deps.log.warn({ err: e.message }, 'a room was not looked at'),
      );
    });
  };
  return [
    noPage,
    express.raw({ type: 'application/webhook+json', limit: '64kb', inflate: false }),
    async (req, res) => {
      const body = Buffer.isBuffer(req.body) ? req.body.toString('utf8') : '';
      const event = await receiver.receive(body, req.get('authorization')).catch(() => null);
      if (!event) return refuseWith(res, 'auth.required');
      res.json({ ok: true });
      if (known.has(event.id)) return;
      if (known.size >= mostRemembered) known.clear();
      known.add(event.id);
      if (event.room?.name) look(event.room.name);
    },
  ];
}
