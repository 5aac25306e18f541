import { askedOf, type Asked } from './asked.ts';
import type { Desk } from './desk.svelte.ts';

const fields = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]';
const topLayer = () => document.querySelector('[aria-modal]') !== null;

export type KeyHost = {
  desk: Desk;
  letters: () => boolean;
  openKeys: () => void;
  accept: (one: Asked) => void;
  go: (conversationId: string) => void;
  unread: (conversationId: string) => boolean;
};

/** The keys of the desk. Single letters only outside fields, only without a dialog in front, and only while switched on. */
export function deskKeys(host: KeyHost) {
  return (event: KeyboardEvent): void => {
    const { desk } = host;
    const view = desk.view;
    if (!view || event.defaultPrevented || event.isComposing || event.repeat || topLayer()) return;
    if (event.altKey && !event.ctrlKey && !event.metaKey) {
      if (event.code === 'KeyM' && desk.talks.toggleMicrophone()) return event.preventDefault();
      if (event.code === 'KeyE' && desk.active) {
        document.querySelector<HTMLElement>(`[data-talk="${desk.active}"] [data-bring]`)?.click();
        return event.preventDefault();
      }
      const number = /^Digit([1-4])$/.exec(event.code)?.[1];
      const to = number
        ? view.conversations[Number(number) - 1]?.id
        : event.code === 'KeyN'
          ? nextUnread(host)
          : undefined;
      if (to) {
        event.preventDefault();
        host.go(to);
      }
      return;
    }
    if (event.key === 'F6') {
      event.preventDefault();
      nextRegion(event.shiftKey ? -1 : 1);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !host.letters()) return;
    const from = event.target instanceof HTMLElement ? event.target : null;
    if (from?.closest(fields)) return;
    if (event.key === '?') {
      event.preventDefault();
      host.openKeys();
      return;
    }
    const [asked] = askedOf(view);
    const may = view.peer.can.includes('peer.setState') && view.peer.state !== 'off';
    const act: Record<string, (() => unknown) | undefined> = {
      a: asked && (() => host.accept(asked)),
      d: asked && (() => desk.asked.answer(asked, 'decline')),
      k: asked?.kind === 'offer' ? () => desk.asked.answer(asked, 'recuse') : undefined,
      m: may ? () => desk.setState('minute') : undefined,
      b: may ? () => desk.setState(view.peer.state === 'break' ? 'available' : 'break') : undefined,
    };
    const run = act[event.key.toLowerCase()];
    if (run) {
      event.preventDefault();
      void run();
      return;
    }
    if (/^[1-5]$/.test(event.key))
      document.querySelector<HTMLInputElement>(`[data-wrapup] .strain input[value="${event.key}"]`)?.click();
  };
}

function nextUnread({ desk, unread }: KeyHost): string | undefined {
  const all = desk.view?.conversations ?? [];
  const at = all.findIndex((one) => one.id === desk.active);
  return [...all.slice(at + 1), ...all.slice(0, at + 1)].find((one) => unread(one.id))?.id;
}

/** F6: from one part of the page to the next, and round. */
function nextRegion(step: 1 | -1) {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (one) => one.offsetParent !== null,
  );
  if (!regions.length) return;
  const at = regions.findIndex((one) => one.contains(document.activeElement));
  const to = regions[at < 0 ? (step === 1 ? 0 : regions.length - 1) : (at + step + regions.length) % regions.length];
  if (!to) return;
  if (!to.hasAttribute('tabindex')) to.tabIndex = -1;
  to.focus();
}
