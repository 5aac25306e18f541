const key = 'call';

/** What a reload may not turn round: a person who went on in text, or who was muted. */
export type CallMemory = { conversationId: string; away: boolean; muted: boolean };

/** Kept in the session storage only while the page is away, like the tab's id. */
export function keepCall(memory: CallMemory): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(memory));
  } catch {
    /* storage is blocked: a reload begins anew */
  }
}

export function takeCall(): CallMemory | null {
  try {
    const kept = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    return kept === null ? null : (JSON.parse(kept) as CallMemory);
  } catch {
    return null;
  }
}
