const everyMs = 1000;

/** The title of the page and this one in turn, so that a tab among many is found. @returns ends it */
export function flashTitle(words: string): () => void {
  let own = document.title;
  const turn = () => {
    if (document.title === words) document.title = own;
    else {
      own = document.title; // the page may have changed it
      document.title = words;
    }
  };
  turn();
  const timer = setInterval(turn, everyMs);
  return () => {
    clearInterval(timer);
    if (document.title === words) document.title = own;
  };
}
