import { element } from '../dom.ts';

const numberOf = (line: HTMLElement): number => Number(line.id.slice(1));

export function lineOf(target: EventTarget | null): HTMLElement | undefined {
  return target instanceof Element ? (target.closest<HTMLElement>('.m[id]') ?? undefined) : undefined;
}

/**
 * The messages that are ticked. With the mouse: the boxes, with Shift all from the last one on. With the keyboard, at a
 * message: Space, with Shift the same; Shift and an arrow take along what they come to; Escape ends it.
 */
export class Selection {
  readonly #log: HTMLElement;
  readonly #onChange: () => void;
  readonly #lifetime = new AbortController();
  /** The last one that was ticked or unticked by itself. */
  #from: HTMLElement | undefined;

  constructor(log: HTMLElement, onChange: () => void) {
    this.#log = log;
    this.#onChange = onChange;
    const { signal } = this.#lifetime;
    log.addEventListener('click', event => this.#onClick(event), { signal });
    log.addEventListener('keydown', event => this.#onKeyFirst(event), { signal, capture: true });
    log.addEventListener('keydown', event => this.#onKey(event), { signal });
  }

  get numbers(): number[] {
    return this.#ticked().map(box => numberOf(box.parentElement ?? box));
  }

  /** Gives a line its box. */
  equip(line: HTMLElement): void {
    const number = numberOf(line);
    if (!(number > 0) || line.querySelector('.pick')) return;
    const attributes = { class: 'pick', type: 'checkbox', tabindex: '-1', 'aria-label': `Select ${number}` };
    line.prepend(element('input', attributes));
  }

  clear(): void {
    for (const box of this.#ticked()) this.#tick(box.parentElement, false);
    this.#from = undefined;
    this.#onChange();
  }

  end(): void {
    this.#lifetime.abort();
    for (const box of this.#log.querySelectorAll('.pick')) box.remove();
    for (const line of this.#log.querySelectorAll('.picked')) line.classList.remove('picked');
  }

  #ticked(): HTMLInputElement[] {
    return [...this.#log.querySelectorAll<HTMLInputElement>('.pick:checked')];
  }

  #tick(line: HTMLElement | null | undefined, isTicked: boolean): void {
    const box = line?.querySelector<HTMLInputElement>('.pick');
    if (!line || !box) return;
    box.checked = isTicked;
    line.classList.toggle('picked', isTicked);
  }

  #isTicked(line: HTMLElement): boolean {
    return line.querySelector<HTMLInputElement>('.pick')?.checked ?? false;
  }

  /** The one, or all from the last one to it. */
  #set(line: HTMLElement, isTicked: boolean, withRange: boolean): void {
    const lines = [...this.#log.querySelectorAll<HTMLElement>('.m[id]')];
    const from = withRange && this.#from ? lines.indexOf(this.#from) : -1;
    const to = lines.indexOf(line);
    const range = from < 0 ? [line] : lines.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const each of range) this.#tick(each, isTicked);
    this.#from = line;
    this.#onChange();
  }

  #onClick(event: MouseEvent): void {
    const { target } = event;
    const line = lineOf(target);
    if (!line || !isBox(target)) return;
    this.#set(line, target.checked, event.shiftKey);
    // Shift has marked all the text up to the box.
    if (event.shiftKey) getSelection()?.empty();
  }

  /** Before the log takes Escape for a wish to write. */
  #onKeyFirst(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || this.#ticked().length === 0) return;
    this.clear();
    event.preventDefault();
    event.stopPropagation();
  }

  #onKey(event: KeyboardEvent): void {
    const line = lineOf(event.target);
    if (!line || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === ' ' && event.target === line) {
      event.preventDefault();
      this.#set(line, !this.#isTicked(line) || event.shiftKey, event.shiftKey);
    } else if (event.shiftKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      // The log has gone on to the next one already.
      const next = lineOf(document.activeElement);
      this.#tick(line, true);
      if (next) this.#set(next, true, false);
    }
  }
}

function isBox(target: EventTarget | null): target is HTMLInputElement {
  return target instanceof HTMLInputElement && target.matches('.pick');
}
