import { m } from '#lib/paraglide/messages.js';

/** unsupported: this browser has no notices that come while the page is closed; denied: it was told to show none. */
export type PushHere = 'ready' | 'denied' | 'unsupported';
export type Subscription = { endpoint: string; p256dh: string; auth: string };

/** Only the page of who is on call is in its scope. */
const scope = '/staff/on-call';
const patienceMs = 15_000;

export function pushHere(): PushHere {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || typeof Notification === 'undefined')
    return 'unsupported';
  return Notification.permission === 'denied' ? 'denied' : 'ready';
}

/** The words of the notice go along: the worker has no catalogue of its own. */
function worker(): Promise<ServiceWorkerRegistration> {
  const words = new URLSearchParams({ title: m.staff_means_notice_title(), body: m.staff_means_notice_body() });
  return navigator.serviceWorker.register(`/push-worker.js?${words}`, { scope, updateViaCache: 'none' });
}

async function active(registration: ServiceWorkerRegistration): Promise<void> {
  const one = registration.installing ?? registration.waiting ?? registration.active;
  if (!one || one.state === 'activated') return;
  await new Promise<void>((done) =>
    one.addEventListener('statechange', () => {
      if (one.state === 'activated') done();
    }),
  );
}

/** Must run inside a press: the browser asks. @param key the server's public key */
export async function subscribe(key: string): Promise<Subscription | 'denied' | 'failed'> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied';
  const late = new Promise<'failed'>((done) => setTimeout(() => done('failed'), patienceMs));
  return Promise.race([late, subscribed(key).catch(() => 'failed' as const)]);
}

async function subscribed(key: string): Promise<Subscription | 'failed'> {
  const registration = await worker();
  await active(registration);
  await (await registration.pushManager.getSubscription())?.unsubscribe(); // it may be one of another key
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = made.toJSON();
  return endpoint && keys?.['p256dh'] && keys['auth']
    ? { endpoint, p256dh: keys['p256dh'], auth: keys['auth'] }
    : 'failed';
}

/** Tells when a notice was pressed while the page was open. */
export function onPressed(take: (pageId: string) => void): () => void {
  if (!('serviceWorker' in navigator)) return () => {};
  const hear = ({ data }: MessageEvent<{ heard?: unknown }>) => {
    if (typeof data?.heard === 'string') take(data.heard);
  };
  navigator.serviceWorker.addEventListener('message', hear);
  return () => navigator.serviceWorker.removeEventListener('message', hear);
}
