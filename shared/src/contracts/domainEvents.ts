/**
 * What happened, in ids only: written in the act's transaction, told after the commit, told again by the relay if the
 * teller died. Whoever hears one asks for the truth; nobody acts on the event's own data alone.
 */
export type DomainEvent = {
  type:
    | 'request.opened'
    | 'request.left'
    | 'request.lapsed'
    | 'request.presence'
    | 'offer.made'
    | 'offer.accepted'
    | 'offer.declined'
    | 'offer.expired'
    | 'offer.rescinded'
    | 'conversation.presence'
    | 'conversation.ended'
    | 'conversation.returned'
    | 'wrapUp.submitted'
    | 'peer.changed'
    | 'caller.changed'
    | 'session.ended'
    | 'session.locked'
    | 'staff.suspended';
  lineId: string;
  requestId?: string;
  offerId?: string;
  conversationId?: string;
  callerId?: string;
  peerId?: string;
  staffId?: string;
};
