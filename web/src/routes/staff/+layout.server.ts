import { redirect } from '@sveltejs/kit';
import { detour, isId } from '#lib/features/staff/staffHome.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ platform, url, setHeaders }) => {
  setHeaders({ 'cache-control': 'no-store' });
  const services = platform?.req.pageServices;
  const visitor = services ? await services.staff() : null;
  const path = url.pathname.replace(/(.)\/$/, '$1');
  const to = detour(path, visitor);
  // the link of a mail proves that it arrived: it is not lost at the door
  const heard = to === '/staff/sign-in' && path === '/staff/on-call' ? url.searchParams.get('heard') : null;
  if (to && to !== path) redirect(303, heard && isId(heard) ? `${to}?heard=${heard}` : to);
  const line = services ? await services.line() : null;
  return {
    visitor: visitor && {
      name: visitor.name,
      email: visitor.email,
      roles: visitor.roles,
      locked: visitor.locked,
      lockAfterSeconds: visitor.lockAfterSeconds,
    },
    lineName: line?.config.name ?? '',
  };
};
