/** What had the focus has gone from the page: it goes on here, and not at the top of the page. Elsewhere it is left alone. */
export function focusIfLost(to: HTMLElement | null | undefined): void {
  if (document.activeElement === null || document.activeElement === document.body) to?.focus({ preventScroll: true });
}
