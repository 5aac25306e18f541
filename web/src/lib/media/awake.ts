/** Keeps the screen on while somebody talks; a system that takes it back is asked again when the page is seen again. */
export function stayAwake(): () => void {
  let wanted = true;
  let lock: WakeLockSentinel | null = null;
  const ask = async () => {
    if (!wanted || document.visibilityState !== 'visible' || (lock && !lock.released)) return;
    const got = await navigator.wakeLock?.request('screen').catch(() => null); // a low battery refuses it
    if (wanted) lock = got ?? null;
    else void got?.release();
  };
  const seen = () => void ask();
  document.addEventListener('visibilitychange', seen);
  void ask();
  return () => {
    wanted = false;
    document.removeEventListener('visibilitychange', seen);
    void lock?.release();
  };
}
