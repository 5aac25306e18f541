import { grouped, of, text, type Check } from './check.ts';

/** I11: what a sender was told is sent is stored, with that number. */
export const sentIsStored: Check = (r) => {
  const stored = new Map(r.messages.map((m) => [m.client, m]));
  return of(r, 'message.send', 'ok')
    .filter((e) => stored.get(text(e.args['clientId']))?.seq !== (e.args['answer'] as { seq: number }).seq)
    .map((e) => `${e.actor} was told that ${text(e.args['clientId'])} is sent; it is not stored so`);
};

/** I12: numbers have no gap, and each page shows each message once, in order, as it is stored. */
export const onceInOrder: Check = (r) => {
  const bad: string[] = [];
  for (const [talk, all] of grouped(r.messages, (m) => m.talk))
    if (all.some((m, i) => m.seq !== i + 1)) bad.push(`the numbers of talk ${talk} have a gap`);
  const stored = new Map(r.messages.map((m) => [`${m.talk}/${m.seq}`, m.client]));
  for (const [who, shown] of grouped(of(r, 'shown'), (e) => `${e.actor}/${text(e.args['conversationId'])}`)) {
    const clients = new Set(shown.map((e) => e.args['clientId']));
    if (clients.size !== shown.length) bad.push(`${who} saw a message twice`);
    if (shown.some((e, i) => e.args['seq'] !== i + 1)) bad.push(`${who} saw messages out of order`);
    for (const e of shown)
      if (stored.get(`${text(e.args['conversationId'])}/${text(e.args['seq'])}`) !== e.args['clientId'])
        bad.push(`${who} saw ${text(e.args['clientId'])}, which is not what is stored`);
  }
  return bad;
};

/** I13: in the end both sides of a live conversation show all of it. */
export const bothHaveAll: Check = (r) => {
  const nameOf = new Map(r.people.map((p) => [p.id, p.name]));
  const last = new Map([...grouped(r.messages, (m) => m.talk)].map(([talk, all]) => [talk, all.length]));
  const shown = grouped(of(r, 'shown'), (e) => `${e.actor}/${text(e.args['conversationId'])}`);
  return r.talks
    .filter((t) => t.state === 'live')
    .flatMap((t) =>
      [t.caller, t.peer].flatMap((id) => {
        const has = shown.get(`${nameOf.get(id)}/${t.id}`)?.length ?? 0;
        return has === (last.get(t.id) ?? 0)
          ? []
          : [`${nameOf.get(id)} shows ${has} of ${last.get(t.id)} in talk ${t.id}`];
      }),
    );
};

/** A time is taken before the row is locked: what was stored first may bear the later time by as long as a lock is waited for. */
const lockedMs = 2000;

/** I14: two parties a conversation, and nobody else ever sees a message of it, nor one from after they left. */
export const onlyTheParties: Check = (r) => {
  const parts = grouped(r.parts, (p) => p.talk);
  const idOf = new Map(r.people.map((p) => [p.name, p.id]));
  const many = [...parts]
    .filter(([, all]) => all.length !== 2)
    .map(([talk, all]) => `talk ${talk} has ${all.length} parties`);
  const foreign = of(r, 'shown')
    .filter((e) => {
      const part = parts.get(text(e.args['conversationId']))?.find((p) => p.party === idOf.get(e.actor));
      return !part || (part.left !== null && Date.parse(text(e.args['sentAt'])) > part.left + lockedMs);
    })
    .map((e) => `${e.actor} saw a message of talk ${text(e.args['conversationId'])}`);
  return [...many, ...foreign];
};

/** I15: a peer's desk shows own offers and own conversations only. */
export const onlyOwn: Check = (r) => {
  const offers = new Map(r.offers.map((o) => [o.id, o.peer]));
  const talks = new Map(r.talks.map((t) => [t.id, t.peer]));
  return r.people
    .filter((p) => p.kind === 'peer')
    .flatMap((p) =>
      of(r, 'view').flatMap((e) => {
        if (e.actor !== p.name) return [];
        const foreign = [
          ...(e.args['offers'] as string[]).filter((id) => offers.get(id) !== p.id),
          ...(e.args['talks'] as string[]).filter((id) => talks.get(id) !== p.id),
        ];
        return foreign.map((id) => `${p.name} was shown ${id}`);
      }),
    );
};
