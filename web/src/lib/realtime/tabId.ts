const key = 'tab';

/**
 * A random id of this tab that outlives a reload, and nothing else: it lies in the session storage only while the page is
 * away, so that a duplicated tab does not find it and is one of its own.
 */
export function takeTabId(): string {
  const fresh = Math.random().toString(36).slice(2);
  try {
    const kept = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    return kept ?? fresh;
  } catch {
    return fresh; // storage is blocked
  }
}

/** @returns a function that stops keeping it. */
export function keepTabId(id: string): () => void {
  const keep = () => {
    try {
      sessionStorage.setItem(key, id);
    } catch {
      /* storage is blocked: a reload is a new tab */
    }
  };
  const back = () => void takeTabId();
  addEventListener('pagehide', keep);
  addEventListener('pageshow', back);
  return () => {
    removeEventListener('pagehide', keep);
    removeEventListener('pageshow', back);
  };
}
