import { m } from '#lib/paraglide/messages.js';
import { refusals } from '@hearthline/shared/contracts/refusals';
import { fail, redirect } from '@sveltejs/kit';
import { wishOf } from '#lib/features/caller/wishOf.ts';
import type { Actions, PageServerLoad } from './$types';

const mostInName = 40;

export const load: PageServerLoad = ({ url }) => ({ by: wishOf(url.searchParams.get('by')) });

export const actions: Actions = {
  default: async ({ request, platform, cookies }) => {
    const form = await request.formData();
    const name = String(form.get('name') ?? '')
      .toWellFormed()
      .replaceAll('\0', '')
      .trim();
    const agreed = form.get('agreed') === 'yes';
    const values = { name };
    if ([...name].length > mostInName)
      return fail(400, {
        ...values,
        nameError: m.caller_start_name_long({ n: [...name].length, most: mostInName }),
      });
    if (!agreed) return fail(400, { ...values, agreedError: m.caller_start_agree_missing() });
    const given = await platform?.req.pageServices.giveConsent({
      lineSlug: String(form.get('line') ?? ''),
      version: Number(form.get('version')),
      name: name || null,
    });
    if (!given) return fail(503, { ...values, formError: refusals['server.busy'].message });
    if (!given.ok)
      return fail(refusals[given.code].status, {
        ...values,
        formError: given.code === 'consent.missing' ? m.caller_start_text_changed() : refusals[given.code].message,
      });
    if (given.cookie) cookies.set(given.cookie.name, given.cookie.value, given.cookie.options);
    const by = wishOf(form.get('by'));
    redirect(303, by === 'chat' ? '/talk' : `/talk?by=${by}`);
  },
};
