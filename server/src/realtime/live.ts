import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { MediaSignal, MediaTaken } from '@hearthline/shared/contracts/media';
import type { Message } from '@hearthline/shared/contracts/message';
import { signsOfPerson } from '@hearthline/shared/domain/staffActivity';
import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import type { CallerView, ClinicianView, DeskView } from '@hearthline/shared/contracts/views';
import { Server } from 'socket.io';
import type { Deps } from '../deps.ts';
import { knock, refusal } from '../doors/knock.ts';
import type { DoorDeps } from '../doors/table.ts';
import { every } from '../due/loop.ts';
import type { CallerActor, StaffActor } from '../policies/actor.ts';
import { can } from '../policies/can.ts';
import { boardView } from '../presenters/boardView.ts';
import { callerView } from '../presenters/callerView.ts';
import { clinicianView } from '../presenters/clinicianView.ts';
import { deskView } from '../presenters/deskView.ts';
import { createCallerTabs } from './callerTabs.ts';
import { guardConnections, sendAway, type Connection } from './guard.ts';
import { inTurns } from './inTurns.ts';
import { createPlaces } from './places.ts';
import { createPresence } from './presence.ts';
import { createProjections } from './projections.ts';
import type { StaffSessions } from './staffSessions.ts';
import { tellOnCall } from './tellOnCall.ts';
import { checkSessions, identify, sessionKeyOf, type LiveSocket, type ShownTalk, type Visitor } from './visitors.ts';

const partyRoom = (id: string) => `p:${id}`;
const talkRoom = (id: string) => `c:${id}`;
const boardRoom = (lineId: string) => `b:${lineId}`;
const peersRoom = (lineId: string) => `l:${lineId}`;
const callersRoom = (lineId: string) => `a:${lineId}`;

/** In so many turns the sessions of all sockets are looked after once. */
const sessionTurns = 8;

/** Whoever asked has seen it in the answer, and goes on waiting: their other tabs may hear of both at once. */
const stillInLine = new Set<DomainEvent['type']>(['request.opened', 'offer.made']);

const isLocked = ({ data: { actor } }: LiveSocket): boolean => actor.kind === 'staff' && actor.locked;

const liveOf = ({ conversations }: Pick<DeskView, 'conversations'>): ShownTalk[] =>
  conversations.filter(({ state }) => state === 'live');

/** Empties the set. */
const hasDesk = ({ roles }: StaffActor): boolean => roles.includes('peer') || roles.includes('coordinator');
function taken(set: Set<string>): string[] {
  const all = [...set];
  set.clear();
  return all;
}

/**
 * Sockets of this node: who is here, what they are shown, and the one dispatcher for all they ask. A view is computed
 * again when something of it may have changed, one at a time a person, so that an older one never overtakes a newer.
 */
export function createLive(http: HttpServer, deps: Deps, staffSessions: StaffSessions, networkKey: Buffer) {
  const io = new Server(http, {
    path: socketPath,
    transports: ['websocket'],
    destroyUpgrade: false, // other paths have their own listener (http/mediaProxy.ts)
    serveClient: false,
    pingInterval: 10_000,
    pingTimeout: 8000,
    maxHttpBufferSize: 65_536,
    perMessageDeflate: false,
    connectTimeout: 10_000,
    cors: { origin: false },
    allowRequest: (req, decide) => {
      if (!guard.mayTry(sessionKeyOf(deps.config, req))) return decide('rate.slowDown', false);
      identify(deps, staffSessions, networkKey, req).then(
        (who) => {
          if (who) identified.set(req, who);
          if (who && !mayConnect(who.actor.id)) decide('rate.slowDown', false);
          else decide(null, who !== null);
        },
        () => decide('busy', false),
      );
    },
  });
  const identified = new WeakMap<IncomingMessage, Visitor>();
  const guard = guardConnections(http, io, deps, (req) => identified.get(req)?.actor.id ?? null);
  const mayConnect = (person: string): boolean => !doorDeps?.limits.isBarred(person) && guard.mayConnect(person);
  const tabs = createCallerTabs(deps);
  const presence = createPresence(deps);
  const places = createPlaces(deps, (callerId, told) => void io.to(partyRoom(callerId)).emit('caller.place', told));
  let doorDeps: DoorDeps | null = null;
  let stored = true;

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
      if (!doorDeps) return void answer({ ok: false, refusal: refusal('server.busy') });
      const doors = doorDeps;
      if (actor.kind === 'staff' && signsOfPerson.has(String(name)))
        staffSessions.active(socket.data.session).catch(() => {}); // told again by the next sign
      const whole = args.length === (typeof ack === 'function' ? 2 : 1);
      const asked = async (by: Visitor) => {
        answer(await knock(doors, by, name, whole ? args[0] : undefined));
        if (doors.limits.isBarred(actor.id)) sendAway(socket.conn as unknown as Connection);
      };
      if (isLocked(socket)) void asNow(socket).then(asked);
      else void asked(socket.data);
    });
    void socket.join(partyRoom(actor.id));
    if (actor.kind === 'caller') {
      void socket.join(callersRoom(actor.lineId));
      for (const twin of socketsOf(actor.id)) if (twin.id !== socket.id && twin.data.tab === tab) twin.disconnect(true); // the same tab came back
      void (tab ? tabs.claim(actor.id, tab) : Promise.resolve()).then(() => {
        if (tab && !hasTab(actor.id, tab)) void tabs.release(actor.id, tab); // it went while it was being claimed
        views.dirty(`caller/${actor.id}`);
      });
    } else {
      if (actor.roles.includes('peer')) {
        for (const lineId of actor.lineIds) void socket.join(peersRoom(lineId));
      }
      if (hasDesk(actor)) views.dirty(`desk/${actor.id}`);
      if (actor.roles.includes('clinician')) views.dirty(`clinician/${actor.id}`);
      for (const line of deps.lines.all()) {
        if (!can(actor, 'board.see', { lineId: line.id })) continue;
        void socket.join(boardRoom(line.id));
        views.dirty(`board/${line.id}`);
      }
    }
    presence.came(actor);
    socket.on('disconnect', () => {
      if (tab && !hasTab(actor.id, tab)) void tabs.release(actor.id, tab);
      if (socketsOf(actor.id).length > 0) return;
      places.forget(actor.id);
      presence.left(actor);
    });
  }

  const socketsIn = (room: string): LiveSocket[] =>
    [...(io.sockets.adapter.rooms.get(room) ?? [])].flatMap((id) => {
      const s = io.sockets.sockets.get(id) as LiveSocket | undefined;
      return s ? [s] : [];
    });
  const socketsOf = (personId: string): LiveSocket[] => socketsIn(partyRoom(personId));

  const hasTab = (personId: string, tab: string): boolean => socketsOf(personId).some((s) => s.data.tab === tab);

  const views = createProjections(deps.log, async (key) => {
    const [kind, id] = key.split('/') as ['caller' | 'desk' | 'clinician' | 'board', string];
    if (kind === 'board') {
      const line = deps.lines.byId(id);
      if (line && io.sockets.adapter.rooms.has(boardRoom(id)))
        io.to(boardRoom(id)).emit('board.view', await boardView(deps, line));
      return;
    }
    const sockets = socketsOf(id);
    const [first] = sockets;
    if (!first) return;
    const { actor } = await asNow(first);
    if (kind === 'caller' && actor.kind === 'caller')
      tellCaller(sockets, await callerView(deps, actor), await tabs.live(id));
    if (actor.kind !== 'staff') return;
    if (kind === 'desk' && hasDesk(actor)) tellDesk(sockets, await deskView(deps, actor));
    if (kind === 'clinician' && actor.roles.includes('clinician'))
      tellClinician(sockets, await clinicianView(deps, actor));
  });

  /**
   * The room first, then the view: a message that comes between is either pushed or fetched after. Somebody may have a desk
   * and be a clinician too: each view enters and leaves the talks that it shows. [PA5] Nothing of a later epoch than the view's goes
   * to its page, which fetches when it hears of that one: whoever is not in it any more is shown none.
   */
  function enterTalks(sockets: LiveSocket[], talks: ShownTalk[], as: 'clinician' | 'own' = 'own'): void {
    for (const s of sockets) {
      s.data.talks = { ...s.data.talks, [as]: talks };
      const all = Object.values(s.data.talks).flat();
      s.data.epochs = new Map(all.sort((a, b) => a.epoch - b.epoch).map(({ id, epoch }) => [id, epoch]));
      const wanted = new Set(all.map(({ id }) => talkRoom(id)));
      for (const room of s.rooms) if (room.startsWith('c:') && !wanted.has(room)) void s.leave(room);
      for (const room of wanted) void s.join(room);
    }
  }
  function tellCaller(sockets: LiveSocket[], view: CallerView, liveTab: string | null): void {
    const live = view.stage === 'none' ? null : liveTab;
    const shown = sockets.filter((s) => !live || s.data.tab === live);
    const actor = sockets[0]?.data.actor;
    if (actor?.kind === 'caller') places.shown(actor.id, actor.lineId, view);
    enterTalks(shown, view.stage === 'talking' ? [view.conversation] : []);
    for (const s of sockets) {
      if (shown.includes(s)) s.emit('caller.view', view);
      else {
        enterTalks([s], []);
        s.emit('caller.view', { stage: 'elsewhere', now: view.now });
      }
    }
  }
  function tellDesk(sockets: LiveSocket[], view: DeskView): void {
    enterTalks(sockets, view.me.locked ? [] : liveOf(view));
    for (const s of sockets) s.emit('desk.view', view);
  }

  function tellClinician(sockets: LiveSocket[], view: ClinicianView): void {
    enterTalks(sockets, view.me.locked ? [] : liveOf(view), 'clinician');
    for (const s of sockets) s.emit('clinician.view', view);
  }

  const boardsToTell = new Set<string>();
  const linesToTell = new Set<string>();
  const off = deps.hub.on((event: DomainEvent) => {
    if (event.type === 'session.ended' || event.type === 'session.locked' || event.type === 'staff.suspended') {
      checkAll = true;
      sessions.now();
    }
    if (event.leftId && event.conversationId)
      for (const s of socketsOf(event.leftId)) void s.leave(talkRoom(event.conversationId));
    if (event.callerId) views[stillInLine.has(event.type) ? 'soon' : 'dirty'](`caller/${event.callerId}`);
    for (const id of new Set([event.peerId, ...(event.staffIds ?? [])]))
      if (id) for (const kind of ['desk', 'clinician']) views.dirty(`${kind}/${id}`);
    boardsToTell.add(event.lineId);
    linesToTell.add(event.lineId);
  });
  // whether calls can be had is on every page: told soon, not at once to everybody
  deps.media.onChange(() => {
    for (const { data } of io.sockets.sockets.values()) {
      const { actor } = data as Visitor;
      if (actor.kind === 'caller') views.soon(`caller/${actor.id}`);
      else for (const kind of ['desk', 'clinician']) views.soon(`${kind}/${actor.id}`);
    }
    for (const line of deps.lines.all()) boardsToTell.add(line.id);
  });
  const onCall = tellOnCall(
    deps,
    (lineId) => [boardRoom, peersRoom, callersRoom].some((of) => io.sockets.adapter.rooms.has(of(lineId))),
    (lineId) => {
      boardsToTell.add(lineId);
      for (const { data } of socketsIn(peersRoom(lineId))) views.soon(`desk/${data.actor.id}`);
      // a caller who is in no talk, as their view said, is offered nobody
      for (const { data } of socketsIn(callersRoom(lineId)))
        if (data.epochs?.size !== 0) views.soon(`caller/${data.actor.id}`);
    },
  );
  const boards = every(500, 'tell boards', deps.log, async () => {
    for (const line of taken(boardsToTell)) views.dirty(`board/${line}`);
  });
  /** Places and counts: at most once a second however much happens. */
  const lines = every(1000, 'tell lines', deps.log, async () => {
    await Promise.all(
      taken(linesToTell).map(async (lineId) => {
        if (!deps.lines.byId(lineId)) return;
        const waiting = await places.tellLine(lineId).catch((e: unknown) => {
          linesToTell.add(lineId); // told with the next turn
          throw e;
        });
        io.to(peersRoom(lineId)).emit('line.waiting', { now: deps.clock.now().toISOString(), lineId, waiting });
      }),
    );
  });

  const found = {
    ended(socket: LiveSocket) {
      socket.emit('goodbye', { why: socket.data.actor.kind === 'caller' ? 'replaced' : 'signedOut' });
      socket.disconnect(true);
    },
    /** What was taken away is gone from an open page too (S8). */
    may(socket: LiveSocket, actor: StaffActor, wasLocked: boolean) {
      socket.data.actor = actor;
      for (const { id: lineId } of deps.lines.all())
        if (!can(actor, 'board.see', { lineId })) void socket.leave(boardRoom(lineId));
      if (actor.locked !== wasLocked) for (const kind of ['desk', 'clinician']) views.dirty(`${kind}/${actor.id}`);
    },
  };
  /** A session that ended elsewhere is thrown out here within 2 s, at once when it is told. */
  let checkAll = false;
  const someInTurn = inTurns(sessionTurns);
  const sessions = every(2000 / sessionTurns, 'check sessions', deps.log, () => {
    const all = [...io.sockets.sockets.values()];
    const those = checkAll ? all : someInTurn(all, (s) => s.id);
    checkAll = false;
    return checkSessions(deps, staffSessions, those, found);
  });
  /** Who is on a socket. A locked one is looked up each time: once the second factor was shown, nothing is refused any more. */
  async function asNow(socket: LiveSocket): Promise<Visitor> {
    if (isLocked(socket)) await checkSessions(deps, staffSessions, [socket], found).catch(() => {}); // stays locked
    return socket.data;
  }

  /** A page that missed a message sees a higher number here and fetches: each 10 s, each second while Redis tells nothing. */
  const talksInTurn = inTurns(10);
  const heartbeat = every(1000, 'heartbeat', deps.log, async () => {
    const all = [...io.sockets.adapter.rooms.keys()].filter((r) => r.startsWith('c:')).map((r) => r.slice(2));
    const inTurn = talksInTurn(all, (id) => id);
    const talks = deps.withoutRedis() ? all : inTurn;
    if (talks.length === 0) return;
    const { rows } = await deps.sql.query<{ id: string; last_seq: number }>(
      'select id, last_seq from conversation where id = any($1::uuid[])',
      [talks],
    );
    for (const r of rows) io.to(talkRoom(r.id)).emit('heartbeat', { lastSeq: { [r.id]: r.last_seq } });
  });

  return {
    use(d: DoorDeps) {
      doorDeps = d;
    },
    presence,
    /** Whether this browser may try one more connection now. */
    mayTry: (req: IncomingMessage): boolean => guard.mayTry(sessionKeyOf(deps.config, req)),
    /** Whether the database takes anything: boards are told when that changes. */
    stored(is: boolean) {
      if (is === stored) return;
      stored = is;
      const told = { now: deps.clock.now().toISOString(), stored };
      for (const line of deps.lines.all()) io.to(boardRoom(line.id)).emit('board.stored', told);
    },
    /**
     * `here`: sent through this node, so the sender's own page has its number from the answer, and only another tab of
     * theirs is told; one write less a message.
     */
    deliver(messages: readonly Message[], from: 'here' | 'elsewhere') {
      const { adapter, sockets } = io.sockets;
      for (const m of messages) {
        const echo = from === 'elsewhere' || (adapter.rooms.get(partyRoom(m.senderId))?.size ?? 0) > 1;
        for (const id of adapter.rooms.get(talkRoom(m.conversationId)) ?? []) {
          const socket = sockets.get(id) as LiveSocket | undefined; // one by one: a broadcast costs more than two of these
          if (!socket || (socket.data.epochs?.get(m.conversationId) ?? 0) < m.epoch) continue;
          if (echo || socket.data.actor.id !== m.senderId) socket.emit('message', m);
        }
      }
    },
    marks(conversationId: string, partyId: string, marks: { delivered: number; read: number }) {
      io.to(talkRoom(conversationId)).emit('marks', { conversationId, partyId, ...marks });
    },
    signal(to: string, signal: MediaSignal) {
      io.to(partyRoom(to)).emit('media.signal', signal);
    },
    taken(partyId: string, taken: MediaTaken) {
      io.to(partyRoom(partyId)).emit('media.taken', taken);
    },
    /** Only from somebody who is in that room themselves, which their own node knows. @returns whether it was told. */
    typing(conversationId: string, partyId: string, from: 'here' | 'elsewhere'): boolean {
      const may = from === 'elsewhere' || socketsOf(partyId).some((s) => s.rooms.has(talkRoom(conversationId)));
      if (may) io.to(talkRoom(conversationId)).except(partyRoom(partyId)).emit('typing', { conversationId, partyId });
      return may;
    },
    /** What this very tab is shown of a caller's view. */
    async shownTo(view: CallerView, actor: CallerActor, tab: string | null): Promise<CallerView> {
      const live = view.stage === 'none' ? null : await tabs.live(actor.id);
      return !live || live === tab ? view : { stage: 'elsewhere', now: view.now };
    },
    async takeOver(actor: CallerActor, tab: string | null): Promise<void> {
      if (tab) await tabs.takeOver(actor.id, tab);
      deps.hub.tell([{ type: 'caller.changed', lineId: actor.lineId, callerId: actor.id }]); // its other tabs, on any node
    },
    count: () => io.engine.clientsCount,
    async stop() {
      off();
      views.stop();
      await Promise.all([
        guard.stop(),
        onCall.stop(),
        boards.stop(),
        lines.stop(),
        sessions.stop(),
        heartbeat.stop(),
        tabs.stop(),
      ]);
      presence.stop();
      await io.close();
    },
  };
}
export type Live = ReturnType<typeof createLive>;
