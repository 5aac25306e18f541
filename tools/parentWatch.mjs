/**
 * Calls `gone` once when the process that started us is no more.
 *
 * npm hands a SIGTERM to `sh` only and `sh` does not pass it on, so a signal is not enough: whoever loses its parent
 * must stop by itself, or a server would live on unseen and keep the port and the data folder.
 */
export function onParentDeath(gone) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, 250);
  timer.unref();
}
