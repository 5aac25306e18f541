type Home = '/staff/desk' | '/staff/on-call' | '/staff/board' | '/staff/soon';
/**
 * The first page of a person with these roles. Who has people in front of them comes first: a coordinator who also answers talks
 * starts at the desk, a clinician who also runs the line where they are called.
 */
export function homeOf(roles: readonly string[]): Home {
  if (roles.includes('peer')) return '/staff/desk';
  if (roles.includes('clinician')) return '/staff/on-call';
  if (roles.includes('coordinator') || roles.includes('administrator')) return '/staff/board';
  return '/staff/soon';
}

const openTo: Record<string, readonly string[]> = {
  '/staff/desk': ['peer', 'coordinator'],
  '/staff/board': ['coordinator', 'administrator'],
  '/staff/measures': ['coordinator', 'administrator'],
  '/staff/roster': ['coordinator', 'administrator', 'clinician'],
  '/staff/on-call': ['clinician', 'coordinator'],
};

/** Where this visitor has to go instead of `path`; null when the page is theirs. */
export function detour(
  path: string,
  visitor: { roles: readonly string[]; factorEnrolled: boolean; locked: boolean } | null,
): string | null {
  if (!visitor) return path === '/staff/sign-in' ? null : '/staff/sign-in';
  if (!visitor.factorEnrolled) return path === '/staff/enrol' ? null : '/staff/enrol';
  const home = homeOf(visitor.roles);
  if (path === '/staff' || path === '/staff/sign-in' || path === '/staff/enrol') return home;
  if (path === '/staff/sessions' && visitor.locked) return home; // where it is unlocked
  const roles = openTo[path];
  if (roles && !roles.some((role) => visitor.roles.includes(role))) return home;
  return null;
}

export const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** Where whoever has just signed in goes: to what a link of ours was about, else home. */
export function afterSignIn(search: string): string {
  const heard = new URLSearchParams(search).get('heard');
  return heard && isId(heard) ? `/staff/on-call?heard=${heard}` : '/staff';
}
