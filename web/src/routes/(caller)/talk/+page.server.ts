import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ platform }) => {
  const services = platform?.req.pageServices;
  const view = await services?.callerView();
  if (!services || !view || view.stage === 'none') redirect(303, '/');
  return { view, line: await services.line(view.stage === 'elsewhere' ? undefined : view.lineSlug) };
};
