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
    | 'request.channel'
    | 'offer.made'
    | 'offer.accepted'
    | 'offer.declined'
    | 'offer.expired'
    | 'offer.rescinded'
    | 'conversation.presence'
    | 'conversation.channel'
    | 'conversation.ended'
    | 'conversation.returned'
    | 'conversation.parties'
    | 'escalation.changed'
    | 'invitation.changed'
    | 'page.made'
    | 'roster.changed'
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
  /** Everybody else on staff whom it concerns: clinicians who were called or are in it. */
  staffIds?: string[];
  /** Is in this conversation no more, and hears nothing of it from now on. */
  leftId?: string;
  escalationId?: string;
};
