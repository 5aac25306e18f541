import { wishOf } from '#lib/features/caller/wishOf.ts';
import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ platform, request, cookies, url }) => {
  const services = platform?.req.pageServices;
  const view = await services?.callerView();
  if (!services || !view) redirect(303, '/');
  const by = wishOf(url.searchParams.get('by'));
  if (view.stage !== 'none')
    return {
      view,
      by,
      line: await services.line(view.stage === 'elsewhere' ? undefined : view.lineSlug),
      noCookie: false,
    };
  // straight from a given consent, and without the cookie that came with it: this browser keeps none
  const from = URL.parse(request.headers.get('referer') ?? '');
  if (from?.pathname !== '/start' || cookies.getAll().some((c) => c.name.endsWith('hl_caller'))) redirect(303, '/');
  return { view, by, line: await services.line(from.searchParams.get('line') ?? undefined), noCookie: true };
};
