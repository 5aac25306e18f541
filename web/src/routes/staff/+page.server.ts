import { redirect } from '@sveltejs/kit';
import { homeOf } from '#lib/features/staff/staffHome.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ parent }) => {
  const { visitor } = await parent();
  redirect(303, visitor ? homeOf(visitor.roles) : '/staff/sign-in');
};
