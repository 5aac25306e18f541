import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ platform, url }) => {
  const slug = url.searchParams.get('line') ?? undefined;
  return { line: (await platform?.req.pageServices.line(slug)) ?? null };
};
