import type { Handle } from '@sveltejs/kit/hooks';
import { getLocale, getTextDirection } from '#lib/paraglide/runtime.js';

/**
 * Pages that post a form without script: under `no-referrer` a browser calls the origin of such a post "null", and it would
 * be refused as a foreign one. `same-origin` tells other hosts just as little.
 */
const formPages = new Set(['/start', '/code']);

/** No page of ours is kept by anybody: content, titles and addresses stay on the screen and nowhere else (S23, S24). */
export const handle: Handle = async ({ event, resolve }) => {
  const response = await resolve(event, {
    transformPageChunk: ({ html }) =>
      html.replace('%hearthline.lang%', getLocale()).replace('%hearthline.dir%', getTextDirection()),
  });
  response.headers.set('Cache-Control', 'no-store');
  response.headers.set('Referrer-Policy', formPages.has(event.url.pathname) ? 'same-origin' : 'no-referrer');
  response.headers.set('X-Content-Type-Options', 'nosniff');
  response.headers.set('Permissions-Policy', 'geolocation=(), camera=(self), microphone=(self)');
  response.headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  if (event.url.protocol === 'https:')
    response.headers.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
  return response;
};
