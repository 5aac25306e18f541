import { TOOLS } from './paths.mjs';
import { findLivekit } from './services/livekitBinary.mjs';
import { buildLivekit, findGo } from './services/livekitBuild.mjs';

/** `npm run media:install`: a LiveKit server in `.tools/`, built once where there is none yet. */
export async function mediaInstall() {
  const say = (text) => console.log(text);
  const found = findLivekit(TOOLS, { docker: false, say });
  if (found) {
    say(`LiveKit ${found.version} is here already: ${found.from}`);
    return 0;
  }
  const go = findGo();
  if (!go) {
    say(
      'There is no Go (1.21 or newer) to build a LiveKit server with. Install Go, or put a livekit-server on the PATH, or set\n' +
        'LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to one that runs elsewhere. Until then calls go browser to browser.',
    );
    return 1;
  }
  return (await buildLivekit(go, TOOLS, say)) ? 0 : 1;
}
