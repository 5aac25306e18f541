import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ platform, url }) => {
  const slug = url.searchParams.get('line') ?? undefined;
  const line = (await platform?.req.pageServices.line(slug)) ?? null;
  return { line, named: slug && line ? line.config.slug : null };
};
