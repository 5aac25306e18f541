/**
 * A phone's keyboard must not cover the writing field, also where the browser keeps the page's height as it was.
 * @returns what ends it
 */
export function fitToKeyboard(): (() => void) | undefined {
  const seen = window.visualViewport;
  if (!seen) return undefined;
  const root = document.documentElement;
  const fit = () => {
    if (seen.scale !== 1) return; // zoomed by hand: leave the page as it is
    root.style.setProperty('--seen', `${seen.height}px`);
    scrollTo(0, 0);
  };
  fit();
  seen.addEventListener('resize', fit);
  return () => {
    seen.removeEventListener('resize', fit);
    root.style.removeProperty('--seen');
  };
}
