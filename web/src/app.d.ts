import type { PageServices } from '@hearthline/shared/contracts/pageServices';

declare global {
  namespace App {
    interface Platform {
      /** The Express request; the server in front hands the page its services on it. */
      req: { pageServices: PageServices };
    }
  }
}
