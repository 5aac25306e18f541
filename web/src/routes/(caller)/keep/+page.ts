/** Without our script the page is read, consented to and sent on all the same; page.js only adds leaving and local times. */
export const csr = false;
