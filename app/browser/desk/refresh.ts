/**
 * Takes the newer parts of the desk over into the page that is open. A part is an element with `data-live`; it is
 * exchanged only when the server says something new of it, and not while somebody is at it: then its turn comes later.
 */

const partsIn = (root: ParentNode): HTMLElement[] => [...root.querySelectorAll<HTMLElement>('[data-live]')];
const listsIn = (root: ParentNode): Element[] => [...root.querySelectorAll('[data-list]')];
const nameOf = (part: Element): string => (part instanceof HTMLElement ? (part.dataset.live ?? '') : '');
const stops = 'a, button, input, select, textarea, summary';

export class Parts {
  /** As the server last told each. */
  readonly #told = new Map<string, string>();

  constructor() {
    for (const part of partsIn(document)) this.#told.set(nameOf(part), part.outerHTML);
  }

  /** `done`: a form or part in which something was just done: its parts are exchanged whoever is at them. */
  take(fresh: Document, done?: Element): void {
    const focusAgain = rememberFocus();
    const names = new Set(partsIn(fresh).map(nameOf));
    for (const part of partsIn(document)) {
      const list = part.parentElement;
      if (names.has(nameOf(part)) || !list?.matches('[data-list]')) continue;
      if (!done?.contains(part) && isPointedAt(list)) continue;
      part.remove();
      this.#told.delete(nameOf(part));
    }
    for (const part of partsIn(fresh)) this.#takePart(part, fresh, done);
    focusAgain();
  }

  #takePart(part: HTMLElement, fresh: Document, done: Element | undefined): void {
    const name = nameOf(part);
    const html = part.outerHTML;
    if (this.#told.get(name) === html) return;
    const old = partsIn(document).find(each => nameOf(each) === name);
    if (old && !(done && (done.contains(old) || old.contains(done))) && isInUse(old)) return;
    const added = document.importNode(part, true);
    if (old) old.replaceWith(added);
    else if (!insert(added, part, fresh)) return;
    this.#told.set(name, html);
  }
}

/** Where it stands in the newer page: behind the same one, or first. False: not now. */
function insert(added: HTMLElement, part: HTMLElement, fresh: Document): boolean {
  const its = part.parentElement;
  const list = its ? listsIn(document)[listsIn(fresh).indexOf(its)] : undefined;
  if (!list) return false;
  const own = partsIn(list);
  let same: HTMLElement | undefined;
  for (let before = part.previousElementSibling; before && !same; before = before.previousElementSibling) {
    same = own.find(each => nameOf(each) === nameOf(before));
  }
  const next = same ? same.nextElementSibling : list.firstElementChild;
  if (next && isPointedAt(list)) return false;
  list.insertBefore(added, next);
  return true;
}

/** Whether rows must stay where they are: a button that moves away is pressed for somebody else. */
function isPointedAt(list: Element): boolean {
  return list.matches(':hover') || list.contains(document.activeElement);
}

/** Whether somebody is typing, ticking or reading there. */
function isInUse(part: HTMLElement): boolean {
  if (part.contains(document.activeElement) || part.querySelector('details[open]')) return true;
  return [...part.querySelectorAll('input, textarea, select')].some(isChanged);
}

function isChanged(field: Element): boolean {
  if (field instanceof HTMLInputElement) {
    if (field.type === 'checkbox') return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  }
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLSelectElement)) return false;
  // Where none is marked the first one is meant.
  const usual = [...field.options].findIndex(option => option.defaultSelected);
  return field.selectedIndex !== Math.max(0, usual);
}

/** Returns what gives the focus back to the element in the place of the one that has it now, if that goes. */
function rememberFocus(): () => void {
  const focused = document.activeElement;
  const part = focused?.closest('[data-live]');
  if (!focused || !part) return () => {};
  const index = [...part.querySelectorAll(stops)].indexOf(focused);
  return () => {
    if (focused.isConnected) return;
    const again = partsIn(document).find(each => nameOf(each) === nameOf(part));
    const same = again?.querySelectorAll<HTMLElement>(stops)[index];
    const found = document.getElementById(focused.id) ?? (same?.tagName === focused.tagName ? same : null);
    found?.focus({ preventScroll: true });
  };
}
