export type AuthAnswer<T = Record<string, unknown>> =
  { ok: true; value: T } | { ok: false; status: number; code: string };

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
    const code =
      typeof answer === 'object' && answer !== null && 'code' in answer && typeof answer.code === 'string'
        ? answer.code
        : '';
    return { ok: false, status: response.status, code };
  } catch {
    return { ok: false, status: 0, code: '' };
  }
}

export const staffAuth = {
  signIn: (email: string, password: string) =>
    post<{ twoFactorRedirect?: boolean }>('sign-in/email', { email, password }),
  verifyCode: (code: string) => post('two-factor/verify-totp', { code, trustDevice: false }),
  verifyBackup: (code: string) => post('two-factor/verify-backup-code', { code, trustDevice: false }),
  enable: (password: string) => post<{ totpURI: string; backupCodes: string[] }>('two-factor/enable', { password }),
  signOut: () => post('sign-out', {}),
};
