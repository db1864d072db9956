import { button } from '../dom.ts';
import { lineOf } from './selection.ts';

type Options = {
  log: HTMLElement;
  lifetime: AbortSignal;
  /** `at`: where the mouse is. */
  onOpen(line: HTMLElement, at?: DOMRect): void;
  /** While it is, the button stays where it was pressed. */
  isOpen(): boolean;
};

/**
 * What opens the menu of a message: a button in the one that the mouse is over or that has the focus, the right mouse
 * button, the menu key and Shift+F10. Returns the button.
 */
export function menuOpeners({ log, lifetime, onOpen, isOpen }: Options): HTMLButtonElement {
  const opener: HTMLButtonElement = button('act-open', '⋯', () => {
    const line = lineOf(opener);
    if (line) onOpen(line);
  });
  opener.tabIndex = -1;
  opener.ariaLabel = 'Moderate';
  opener.ariaHasPopup = 'menu';

  function moveTo(event: Event): void {
    const line = lineOf(event.target);
    if (!line || opener.parentElement === line || isOpen()) return;
    line.append(opener);
    opener.tabIndex = line.contains(document.activeElement) ? 0 : -1;
  }

  function onContextMenu(event: MouseEvent): void {
    const line = lineOf(event.target);
    // Links, and text that is marked to be copied or by a long press, keep the browser's own.
    const isLink = event.target instanceof Element && event.target.closest('a, .url') !== null;
    const isTouch = event instanceof PointerEvent && event.pointerType === 'touch';
    if (!line || isLink || isTouch || getSelection()?.isCollapsed === false) return;
    event.preventDefault();
    const isByMouse = event.button === 2 && (event.clientX > 0 || event.clientY > 0);
    onOpen(line, isByMouse ? new DOMRect(event.clientX, event.clientY) : undefined);
  }

  function onKey(event: KeyboardEvent): void {
    const isMenuKey = event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey);
    const line = lineOf(event.target);
    if (!isMenuKey || !line) return;
    event.preventDefault();
    onOpen(line);
  }

  log.addEventListener('pointerover', moveTo, { signal: lifetime });
  log.addEventListener('focusin', moveTo, { signal: lifetime });
  log.addEventListener('contextmenu', onContextMenu, { signal: lifetime });
  log.addEventListener('keydown', onKey, { signal: lifetime });
  return opener;
}
