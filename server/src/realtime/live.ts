import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { Message } from '@hearthline/shared/contracts/message';
import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import type { BoardView, CallerView, DeskView } from '@hearthline/shared/contracts/views';
import { Server, type Socket } from 'socket.io';
import { callerOf, hashToken } from '../commands/callers/callerSession.ts';
import type { Deps } from '../deps.ts';
import { knock, refusal } from '../doors/knock.ts';
import type { DoorDeps } from '../doors/table.ts';
import { every } from '../due/loop.ts';
import { callerCookieName, fromOwnPage, networkOf, readCookie } from '../http/cookies.ts';
import type { CallerActor, StaffActor } from '../policies/actor.ts';
import { can } from '../policies/can.ts';
import { boardView } from '../presenters/boardView.ts';
import { callerView } from '../presenters/callerView.ts';
import { deskView } from '../presenters/deskView.ts';
import { createPresence } from './presence.ts';
import { createProjections } from './projections.ts';
import type { StaffSessions } from './staffSessions.ts';

type Visitor = { actor: CallerActor | StaffActor; tab: string | null; session: string; network: string };
type LiveSocket = Socket<
  Record<string, (...args: unknown[]) => void>,
  Record<string, (payload: unknown) => void>,
  Record<string, never>,
  Visitor
>;

const partyRoom = (id: string) => `p:${id}`;
const talkRoom = (id: string) => `c:${id}`;
const boardRoom = (lineId: string) => `b:${lineId}`;

/**
 * Sockets of this node: who is here, what they are shown, and the one dispatcher for all they ask. A view is computed
 * again when something of it may have changed, one at a time a person, so that an older one never overtakes a newer.
 */
export function createLive(http: HttpServer, deps: Deps, staffSessions: StaffSessions, networkKey: Buffer) {
  const io = new Server(http, {
    path: socketPath,
    transports: ['websocket'],
    serveClient: false,
    pingInterval: 10_000,
    pingTimeout: 8000,
    maxHttpBufferSize: 65_536,
    perMessageDeflate: false,
    cors: { origin: false },
    allowRequest: (req, decide) =>
      void identify(req).then(
        (who) => decide(null, who !== null),
        () => decide('busy', false),
      ),
  });
  const identified = new WeakMap<IncomingMessage, Visitor>();
  const liveTab = new Map<string, string>();
  const presence = createPresence(deps);
  let doorDeps: DoorDeps | null = null;

  async function identify(req: IncomingMessage): Promise<Visitor | null> {
    if (!fromOwnPage(req, deps.config)) return null;
    const query = new URL(req.url ?? '', 'http://x').searchParams;
    const tab = query.get('tab')?.slice(0, 64) ?? null;
    const network = networkOf(req, deps.config, networkKey);
    let visitor: Visitor | null = null;
    if (query.get('as') === 'caller') {
      const token = readCookie(req, callerCookieName(deps.config));
      const actor = token ? await callerOf(deps, token) : null;
      if (token && actor) visitor = { actor, tab, session: hashToken(token).toString('hex'), network };
    } else if (query.get('as') === 'staff') {
      const staff = await staffSessions.staffOf(req.headers);
      if (staff?.factorEnrolled)
        visitor = {
          actor: { kind: 'staff', id: staff.id, name: staff.name, roles: staff.roles, lineIds: staff.lineIds },
          tab,
          session: staff.sessionId,
          network,
        };
    }
    if (visitor) identified.set(req, visitor);
    return visitor;
  }

  io.on('connection', (raw) => {
    const socket = raw as unknown as LiveSocket;
    const visitor = identified.get(socket.request);
    if (!visitor || !doorDeps) return void socket.disconnect(true);
    Object.assign(socket.data, visitor);
    if (socket.handshake.query['v'] !== String(protocolVersion)) socket.emit('goodbye', { why: 'newVersion' });
    welcome(socket, visitor);
  });

  function welcome(socket: LiveSocket, { actor, tab }: Visitor): void {
    socket.onAny((name: unknown, ...args: unknown[]) => {
      const ack = args.at(-1);
      const answer = typeof ack === 'function' ? (ack as (a: unknown) => void) : () => {};
      if (!doorDeps || args.length !== (typeof ack === 'function' ? 2 : 1))
        return void answer({ ok: false, refusal: refusal('input.malformed') });
      void knock(doorDeps, socket.data, name, args[0]).then(answer);
    });
    void socket.join(partyRoom(actor.id));
    if (actor.kind === 'caller') {
      const others = socketsOf(actor.id).filter((s) => s.id !== socket.id && s.data.tab !== tab);
      if (others.length === 0 && tab) liveTab.set(actor.id, tab);
      for (const twin of socketsOf(actor.id)) if (twin.id !== socket.id && twin.data.tab === tab) twin.disconnect(true); // the same tab came back
      views.dirty(`caller/${actor.id}`);
    } else {
      if (actor.roles.includes('peer')) views.dirty(`desk/${actor.id}`);
      for (const line of deps.lines.all()) {
        if (!can(actor, 'board.see', { lineId: line.id })) continue;
        void socket.join(boardRoom(line.id));
        views.dirty(`board/${line.id}`);
      }
    }
    presence.came(actor);
    socket.on('disconnect', () => {
      if (socketsOf(actor.id).length > 0) return;
      liveTab.delete(actor.id);
      presence.left(actor);
    });
  }

  const socketsOf = (personId: string): LiveSocket[] =>
    [...(io.sockets.adapter.rooms.get(partyRoom(personId)) ?? [])].flatMap((id) => {
      const s = io.sockets.sockets.get(id) as LiveSocket | undefined;
      return s ? [s] : [];
    });

  const views = createProjections(deps.log, async (key) => {
    const [kind, id] = key.split('/') as ['caller' | 'desk' | 'board', string];
    if (kind === 'board') {
      const line = deps.lines.byId(id);
      if (line && io.sockets.adapter.rooms.has(boardRoom(id)))
        io.to(boardRoom(id)).emit('board.view', await boardView(deps, line));
      return;
    }
    const sockets = socketsOf(id);
    const [first] = sockets;
    if (!first) return;
    if (kind === 'caller' && first.data.actor.kind === 'caller')
      tellCaller(sockets, await callerView(deps, first.data.actor));
    if (kind === 'desk' && first.data.actor.kind === 'staff') tellDesk(sockets, await deskView(deps, first.data.actor));
  });

  /** The room first, then the view: a message that comes between is either pushed or fetched after. */
  function enterTalks(sockets: LiveSocket[], ids: string[]): void {
    const wanted = new Set(ids.map(talkRoom));
    for (const s of sockets) {
      for (const room of s.rooms) if (room.startsWith('c:') && !wanted.has(room)) void s.leave(room);
      for (const room of wanted) void s.join(room);
    }
  }
  function tellCaller(sockets: LiveSocket[], view: CallerView): void {
    const live = view.stage === 'none' ? null : liveTab.get(sockets[0]?.data.actor.id ?? '');
    const shown = sockets.filter((s) => !live || s.data.tab === live);
    enterTalks(shown, view.stage === 'talking' ? [view.conversation.id] : []);
    for (const s of sockets) {
      if (shown.includes(s)) s.emit('caller.view', view);
      else {
        enterTalks([s], []);
        s.emit('caller.view', { stage: 'elsewhere', now: view.now });
      }
    }
  }
  function tellDesk(sockets: LiveSocket[], view: DeskView): void {
    enterTalks(
      sockets,
      view.conversations.filter((c) => c.state === 'live').map((c) => c.id),
    );
    for (const s of sockets) s.emit('desk.view', view);
  }

  const lineDirty = new Set<string>();
  const off = deps.hub.on((event: DomainEvent) => {
    if (event.type === 'session.ended' || event.type === 'staff.suspended') void checkSessions();
    if (event.callerId) views.dirty(`caller/${event.callerId}`);
    if (event.peerId) views.dirty(`desk/${event.peerId}`);
    lineDirty.add(event.lineId);
  });
  /** Places, counts and boards of a line: at most twice a second however much happens. */
  const lineTold = every(500, 'tell lines', deps.log, async () => {
    const lines = [...lineDirty];
    lineDirty.clear();
    if (lines.length === 0) return;
    for (const line of lines) views.dirty(`board/${line}`);
    for (const socket of io.sockets.sockets.values()) {
      const { actor } = socket.data as Visitor;
      if (actor.kind === 'caller' && lines.includes(actor.lineId) && ![...socket.rooms].some((r) => r.startsWith('c:')))
        views.dirty(`caller/${actor.id}`);
      if (actor.kind === 'staff' && actor.roles.includes('peer') && actor.lineIds.some((l) => lines.includes(l)))
        views.dirty(`desk/${actor.id}`);
    }
  });

  /** A session that ended elsewhere is thrown out here within 2 s (S3, S8): one query for all sockets of this node. */
  async function checkSessions(): Promise<void> {
    const sockets = [...io.sockets.sockets.values()] as unknown as LiveSocket[];
    const callers = sockets.filter((s) => s.data.actor.kind === 'caller');
    const staff = sockets.filter((s) => s.data.actor.kind === 'staff');
    if (callers.length > 0) {
      const { rows } = await deps.sql.query<{ hash: string }>(
        `select encode(token_hash, 'hex') as hash from caller_session where ended_at is null and token_hash = any($1::bytea[])`,
        [callers.map((s) => Buffer.from(s.data.session, 'hex'))],
      );
      const alive = new Set(rows.map((r) => r.hash));
      for (const s of callers) if (!alive.has(s.data.session)) sendOff(s, 'replaced');
    }
    if (staff.length > 0) {
      const alive = await staffSessions.alive(staff.map((s) => s.data.session));
      for (const s of staff) {
        const may = alive.get(s.data.session);
        if (!may) sendOff(s, 'signedOut');
        else applyRights(s, may);
      }
    }
  }
  /** Roles and lines as they are now: what was taken away is gone from an open page too (S8). */
  function applyRights(socket: LiveSocket, may: Pick<StaffActor, 'roles' | 'lineIds'>): void {
    socket.data.actor = { ...(socket.data.actor as StaffActor), ...may };
    for (const lineId of deps.lines.all().map((l) => l.id))
      if (!can(socket.data.actor, 'board.see', { lineId })) void socket.leave(boardRoom(lineId));
  }
  const sessions = every(2000, 'check sessions', deps.log, checkSessions);
  function sendOff(socket: LiveSocket, why: 'replaced' | 'signedOut'): void {
    socket.emit('goodbye', { why });
    socket.disconnect(true);
  }

  /** A page that missed a message sees a higher number here and fetches. */
  const heartbeat = every(10_000, 'heartbeat', deps.log, async () => {
    const rooms = [...io.sockets.adapter.rooms.keys()].filter((r) => r.startsWith('c:')).map((r) => r.slice(2));
    if (rooms.length === 0) return;
    const { rows } = await deps.sql.query<{ id: string; last_seq: number }>(
      'select id, last_seq from conversation where id = any($1::uuid[])',
      [rooms],
    );
    for (const r of rows) io.to(talkRoom(r.id)).emit('heartbeat', { lastSeq: { [r.id]: r.last_seq } });
  });

  return {
    use(d: DoorDeps) {
      doorDeps = d;
    },
    presence,
    deliver(messages: readonly Message[]) {
      for (const m of messages) io.to(talkRoom(m.conversationId)).emit('message', m);
    },
    marks(conversationId: string, partyId: string, marks: { delivered: number; read: number }) {
      io.to(talkRoom(conversationId)).emit('marks', { conversationId, partyId, ...marks });
    },
    /** Only from somebody who is in that room themselves. */
    typing(conversationId: string, partyId: string) {
      if (socketsOf(partyId).some((s) => s.rooms.has(talkRoom(conversationId))))
        io.to(talkRoom(conversationId)).except(partyRoom(partyId)).emit('typing', { conversationId, partyId });
    },
    takeOver(personId: string, tab: string | null) {
      if (tab) liveTab.set(personId, tab);
      views.dirty(`caller/${personId}`);
    },
    count: () => io.engine.clientsCount,
    async stop() {
      off();
      await Promise.all([lineTold.stop(), sessions.stop(), heartbeat.stop()]);
      presence.stop();
      await io.close();
    },
  };
}
export type Live = ReturnType<typeof createLive>;
export type Shown = CallerView | DeskView | BoardView;
