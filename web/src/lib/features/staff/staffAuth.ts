export type AuthAnswer<T = Record<string, unknown>> =
  { ok: true; value: T } | { ok: false; status: number; code: string; message: string | null };

/** The sign-in library says `code` itself; our own answers carry a refusal with its sentence. */
function refusalIn(answer: unknown): { code: string; message: string | null } {
  const { refusal, code } = (answer ?? {}) as { refusal?: { code?: unknown; message?: unknown }; code?: unknown };
  const said = refusal?.code ?? code;
  return {
    code: typeof said === 'string' ? said : '',
    message: typeof refusal?.message === 'string' ? refusal.message : null,
  };
}

/** One call of the sign-in service. Status 0 means that nothing answered. */
async function post<T>(path: string, body: unknown): Promise<AuthAnswer<T>> {
  try {
    const response = await fetch(`/api/auth/${path}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return { ok: true, value: (answer ?? {}) as T };
    return { ok: false, status: response.status, ...refusalIn(answer) };
  } catch {
    return { ok: false, status: 0, code: '', message: null };
  }
}

export const staffAuth = {
  signIn: (email: string, password: string) =>
    post<{ twoFactorRedirect?: boolean }>('sign-in/email', { email, password }),
  verifyCode: (code: string) => post('two-factor/verify-totp', { code, trustDevice: false }),
  verifyBackup: (code: string) => post('two-factor/verify-backup-code', { code, trustDevice: false }),
  enable: (password: string) => post<{ totpURI: string; backupCodes: string[] }>('two-factor/enable', { password }),
  lock: () => post('staff/lock', {}),
  active: () => post('staff/active', {}),
  unlock: (code: string) => post('staff/unlock', { code }),
  /** @param session the id of one of one's own, or `others`: all but this one */
  endSession: (session: string) => post<{ value: { ended: number } }>('staff/sessions/end', { session }),
  signOut: () => post('sign-out', {}),
};
