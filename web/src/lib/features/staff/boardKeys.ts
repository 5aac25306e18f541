const places: Record<string, string> = { w: 'board-W', p: 'board-P', c: 'board-C', e: 'board-E' };

/** G then W, P, C or E goes to a part of the board; J and K walk the rows of the part that has the focus. */
export function boardKeys(open: () => boolean) {
  let pressedG = 0;
  return (event: KeyboardEvent): void => {
    if (!open()) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || document.querySelector('[aria-modal]'))
      return;
    if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select')) return;
    const key = event.key.toLowerCase();
    if (key === 'g') {
      pressedG = event.timeStamp;
      return;
    }
    const place = places[key];
    if (place && event.timeStamp - pressedG < 1500) {
      pressedG = 0;
      event.preventDefault();
      document.getElementById(place)?.focus();
      return;
    }
    if (key === 'j' || key === 'k') walk(key === 'j' ? 1 : -1, event);
  };
}

function walk(step: 1 | -1, event: KeyboardEvent) {
  const section = document.activeElement?.closest('[data-region]') ?? document.getElementById('board-W');
  const rows = [...(section?.querySelectorAll<HTMLElement>('tbody tr') ?? [])];
  const at = rows.findIndex((row) => row === document.activeElement);
  const to = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
  if (to) {
    event.preventDefault();
    to.focus();
  }
}
