import type { PublicLine } from '@hearthline/shared/contracts/line';
import type { PageServices } from '@hearthline/shared/contracts/pageServices';

declare global {
  namespace App {
    interface PageData {
      /** Of the callers' pages: what may be shown of their line, also where a page itself failed. */
      line?: PublicLine | null;
    }
    interface Platform {
      /** The Express request; the server in front hands the page its services on it. */
      req: { pageServices: PageServices };
    }
  }
}
