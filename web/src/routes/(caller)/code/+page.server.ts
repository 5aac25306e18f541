import { m } from '#lib/paraglide/messages.js';
import { refusals } from '@hearthline/shared/contracts/refusals';
import { fail, redirect } from '@sveltejs/kit';
import type { Actions } from './$types';

export const actions: Actions = {
  default: async ({ request, platform, cookies }) => {
    const code = String((await request.formData()).get('code') ?? '').trim();
    if (!code) return fail(400, { error: m.caller_redeem_empty() });
    const redeemed = await platform?.req.pageServices.redeemCode(code);
    if (!redeemed?.ok)
      return fail(redeemed ? refusals[redeemed.code].status : 503, {
        error: refusals[redeemed?.code ?? 'server.busy'].message,
      });
    cookies.set(redeemed.cookie.name, redeemed.cookie.value, redeemed.cookie.options);
    redirect(303, '/talk');
  },
};
