/**
 * Consents as the first page does, without its script. @returns the caller's cookie as a request header.
 * @param version of the consent text; the demo line's is 1.
 */
export async function callerCookieFrom(
  url: string,
  { line = 'riverbend', version = 1, name = '' } = {},
): Promise<string> {
  const answer = await fetch(`${url}/start`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url, accept: 'text/html' },
    body: new URLSearchParams({ line, version: String(version), name, agreed: 'yes' }),
  });
  const [cookie] = answer.headers.getSetCookie();
  if (answer.status !== 303 || !cookie) throw new Error(`consent was not taken: ${answer.status}`);
  return cookie.split(';')[0] ?? '';
}
