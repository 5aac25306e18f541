import type { Facts } from '../facts.ts';

type Check = (facts: Facts) => string[];

/** [I19] What must be on record is, once; every record is sealed, and the chain of seals is whole. */
export const onRecord: Check = ({ offers, talks, escalations, audits, chain }) => {
  const times = new Map<string, number>();
  for (const a of audits) times.set(`${a.action}/${a.record_id}`, (times.get(`${a.action}/${a.record_id}`) ?? 0) + 1);
  const wanted = [
    ...offers.filter((o) => o.state === 'accepted').map((o) => `offer.accepted/${o.id}`),
    ...offers.filter((o) => o.state === 'expired').map((o) => `offer.expired/${o.id}`),
    ...escalations.map((e) => `escalation.raised/${e.id}`),
    ...talks.filter((t) => t.state === 'ended').map((t) => `conversation.ended/${t.id}`),
  ];
  return [
    ...wanted
      .filter((what) => times.get(what) !== 1)
      .map((what) => `${what} is on record ${times.get(what) ?? 0} times`),
    ...audits.filter((a) => !a.sealed).map((a) => `${a.action} of ${a.record_id} is not sealed`),
    ...(chain === null ? [] : [`the chain of seals is broken: ${chain}`]),
  ];
};

/** [I23] The order that Redis tells is the order of the rows. */
export const queueIsTheRows: Check = ({ queue, line }) =>
  queue.join() === line.join() ? [] : [`Redis tells ${queue.length} in line, the rows ${line.length}`];
