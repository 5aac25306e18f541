import type { Kind } from '#lib/media/media.ts';
import { m } from '#lib/paraglide/messages.js';

/** How to open the microphone or camera again, in the words of this browser. */
export function stepsFor(agent: string, kind: Kind): string[] {
  const again = kind === 'sound' ? m.call_steps_again() : m.call_steps_again_camera();
  const what = kind === 'sound' ? m.call_microphone() : m.call_camera();
  if (/iPhone|iPad|iPod/.test(agent)) return [m.call_steps_ios_1(), m.call_steps_ios_2({ what }), again];
  if (/Android/.test(agent)) return [m.call_steps_android_1(), m.call_steps_android_2({ what }), again];
  if (/Firefox/.test(agent)) return [m.call_steps_firefox_1(), m.call_steps_firefox_2(), again];
  if (/Safari/.test(agent) && !/Chrom/.test(agent))
    return [m.call_steps_safari_1(), m.call_steps_allow({ what }), again];
  return [m.call_steps_chrome_1(), m.call_steps_allow({ what }), again];
}
