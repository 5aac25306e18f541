import { SvelteMap } from 'svelte/reactivity';
import type { DoorInput, DoorName, DoorOutput } from '@hearthline/shared/contracts/doors';
import type { Notice } from '#lib/features/staff/desk.svelte.ts';
import type { Answer, Connection } from '#lib/realtime/connection.svelte.ts';

const noticeMs = 8000;
const late = ['network.lost', 'server.busy'];

/** Commands of a staff page, each asked once at a time and again while the answer is only late, and what they are told of it. */
export class Asks {
  busy = new SvelteMap<string, true>();
  notices = $state<Notice[]>([]);
  #connection: Connection;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #noticeId = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @param key what is busy meanwhile. @returns null when it was refused, which is said, or is being asked already */
  async ask<D extends DoorName>(
    door: D,
    input: Omit<DoorInput<D>, 'commandId'>,
    key: string,
  ): Promise<DoorOutput<D> | null> {
    if (this.busy.has(key)) return null;
    this.busy.set(key, true);
    try {
      const command = { ...input, commandId: crypto.randomUUID() } as unknown as DoorInput<D>;
      const answer = await insist(() => this.#connection.call(door, command));
      if (answer.ok) return answer.value;
      this.tell(answer.refusal.message);
      return null;
    } finally {
      this.busy.delete(key);
    }
  }

  tell(text: string): void {
    const id = ++this.#noticeId;
    this.notices = [...this.notices.slice(-2), { id, text }];
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.dismiss(id);
    }, noticeMs);
    this.#timers.add(timer);
  }
  dismiss = (id: number): void => {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  };
  destroy(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}

/** The very same command again: its id keeps it from happening twice. */
async function insist<T>(knock: () => Promise<Answer<T>>): Promise<Answer<T>> {
  for (let wait = 300; ; wait *= 2) {
    const answer = await knock();
    if (answer.ok || wait > 1500 || !late.includes(answer.refusal.code)) return answer;
    await new Promise((done) => setTimeout(done, wait));
  }
}
