import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ url }) => ({ country: url.searchParams.get('country') });
