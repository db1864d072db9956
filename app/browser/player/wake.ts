/** Tells when the machine has slept or the page comes back into sight: what was known then may be minutes old. */
const lookMs = 500;
// A page that is merely busy is late too, but not so much.
const jumpMs = 5000;

export function watchWaking(on: { wake(): void; sight(): void }): () => void {
  let lookedMs = Date.now();
  const look = (): void => {
    const nowMs = Date.now();
    // Timers of a hidden page may come once a minute.
    if (nowMs - lookedMs > jumpMs && !document.hidden) on.wake();
    lookedMs = nowMs;
  };
  const onVisibility = (): void => {
    lookedMs = Date.now();
    if (!document.hidden) on.sight();
  };
  const timer = setInterval(look, lookMs);
  document.addEventListener('visibilitychange', onVisibility);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', onVisibility);
  };
}
