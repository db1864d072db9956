/** Keys of the player, while the player or nothing at all has the focus. */
/** What returns false has not been done: the key is left to others. */
export type PlayerKeys = Readonly<Record<string, () => unknown>>;

/** `keys`: by `KeyboardEvent.key`, letters small. */
export function listenToKeys(player: HTMLElement, keys: PlayerKeys, onKey: () => void): void {
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target instanceof Node ? event.target : document.body;
    if (target !== document.body && !player.contains(target)) return;
    const isButton = target instanceof HTMLButtonElement;
    // A button that has the focus is pressed with these.
    if (isButton && (event.key === ' ' || event.key === 'Enter')) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || act() === false) return;
    event.preventDefault();
    onKey();
  });
}
