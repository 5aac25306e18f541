import * as z from 'zod/mini';
import { Epoch, Id, Instant, Seq } from './ids.ts';

/** 12 bytes of IV, base64. */
export const Iv = z.string().check(z.regex(/^[A-Za-z0-9+/]{16}$/));
/** AES-GCM ciphertext with its tag, base64; at most 24 kB. */
export const Ciphertext = z.string().check(z.regex(/^[A-Za-z0-9+/]+={0,2}$/), z.minLength(24), z.maxLength(32_768));

export const SendMessage = z.strictObject({
  conversationId: Id,
  clientId: Id,
  epoch: Epoch,
  iv: Iv,
  ciphertext: Ciphertext,
});
export type SendMessage = z.infer<typeof SendMessage>;
export const MessageSent = z.strictObject({ seq: Seq, sentAt: Instant });
export type MessageSent = z.infer<typeof MessageSent>;

export const Message = z.strictObject({
  conversationId: Id,
  seq: Seq,
  senderId: Id,
  clientId: Id,
  epoch: Epoch,
  iv: Iv,
  ciphertext: Ciphertext,
  sentAt: Instant,
});
export type Message = z.infer<typeof Message>;

export const FetchMessages = z.strictObject({ conversationId: Id, after: z.int(), limit: z.optional(z.int()) });
export const MessagePage = z.strictObject({ messages: z.array(Message), lastSeq: Seq });
export type MessagePage = z.infer<typeof MessagePage>;

export const MarkUpTo = z.strictObject({ conversationId: Id, delivered: Seq, read: Seq });
export type MarkUpTo = z.infer<typeof MarkUpTo>;
export const Typing = z.strictObject({ conversationId: Id });
export const GetKeys = z.strictObject({ conversationId: Id });
export const Keys = z.strictObject({ keys: z.array(z.strictObject({ epoch: Epoch, key: z.string() })) });
