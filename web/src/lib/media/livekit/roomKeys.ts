import { BaseKeyProvider } from 'livekit-client';

const ring = 16;

/** One key for all of a room. The worker keeps the last ones, so what is on its way when a new epoch begins still opens. */
export class RoomKeys extends BaseKeyProvider {
  constructor() {
    // no ratcheting: a key that does not fit is waited for, and the next epoch brings the next
    super({ sharedKey: true, keyringSize: ring, keySize: 256, ratchetWindowSize: 0, failureTolerance: -1 });
  }

  use(media: CryptoKey, epoch: number): void {
    this.onSetEncryptionKey(media, undefined, epoch % ring);
  }
}
