import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ platform }) => ({
  signIns: (await platform?.req.pageServices.signIns()) ?? [],
});
