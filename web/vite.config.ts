import adapter from '@sveltejs/adapter-node';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';
import { messageOptions } from './messages.config.ts';

/** A sentence that is in no catalogue would print "undefined": it stops the build. */
const everyMessageExists: Plugin = {
  name: 'every-message-exists',
  onLog(_level, log) {
    if (log.code === 'IMPORT_IS_UNDEFINED') this.error(log);
  },
};

const ofEveryTalk =
  /paraglide\/messages\/(?:app_|talk_|caller_keep_device_hint|caller_help_title|caller_code_title|call_check_title)|lib\/ui\/|features\/caller\/(?:waysTo|Urgent|Hours|Foot|LeaveBar)/;

export default defineConfig({
  build: {
    rolldownOptions: {
      output: {
        // each script costs 0.4 kB beside what is in it: what every talk needs of words and small parts comes as one
        codeSplitting: {
          groups: [{ name: 'talk', test: ofEveryTalk, minSize: 0 }],
        },
      },
    },
  },
  plugins: [
    paraglideVitePlugin(messageOptions),
    everyMessageExists,
    sveltekit({
      adapter: adapter({ precompress: true }),
      csp: {
        mode: 'nonce',
        directives: {
          'default-src': ['self'],
          'script-src': ['self'],
          'worker-src': ['self'],
          'style-src': ['self', 'unsafe-inline'],
          'img-src': ['self', 'data:'],
          'connect-src': ['self'],
          'object-src': ['none'],
          'base-uri': ['none'],
          'form-action': ['self'],
          'frame-ancestors': ['none'],
        },
      },
    }),
  ],
});
