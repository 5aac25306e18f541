/** The first page of a person with these roles. Peers come first: a coordinator who also answers talks starts at the desk. */
export function homeOf(roles: readonly string[]): '/staff/desk' | '/staff/board' | '/staff/soon' {
  if (roles.includes('peer')) return '/staff/desk';
  if (roles.includes('coordinator') || roles.includes('administrator')) return '/staff/board';
  return '/staff/soon';
}

const openTo: Record<string, readonly string[]> = {
  '/staff/desk': ['peer'],
  '/staff/board': ['coordinator', 'administrator'],
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
