/** The figures of what plays, for who wants to know: opened by a button or a key, and read only while it is open. */
import { button, element } from '../dom.ts';

/** A row each: what it is called, and what it says now. */
export type Stats = readonly (readonly [name: string, value: string])[];

const everyMs = 1000;

export class StatsPanel {
  readonly toggle: HTMLButtonElement;
  readonly element: HTMLElement;
  readonly #rows = element('dl');
  readonly #read: () => Stats;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(read: () => Stats) {
    this.#read = read;
    this.toggle = button('player-button to-stats', '', () => this.set(!this.isOpen));
    this.toggle.title = 'Statistics (I)';
    const shut = button('stats-shut', '×', () => {
      this.set(false);
      this.toggle.focus();
    });
    shut.setAttribute('aria-label', 'Close statistics');
    const heading = element('h2', { id: 'stats-heading' }, 'Statistics');
    this.element = element(
      'section',
      { class: 'stats', id: 'stats', 'aria-labelledby': 'stats-heading', hidden: '' },
      heading,
      shut,
      this.#rows,
    );
    this.toggle.setAttribute('aria-label', 'Statistics');
    this.toggle.setAttribute('aria-controls', 'stats');
    this.set(false);
  }

  get isOpen(): boolean {
    return this.#timer !== undefined;
  }

  set(open: boolean): void {
    clearInterval(this.#timer);
    this.#timer = open ? setInterval(() => this.#show(), everyMs) : undefined;
    this.element.hidden = !open;
    this.toggle.setAttribute('aria-expanded', String(open));
    if (open) this.#show();
  }

  #show(): void {
    const rows = this.#read().flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]);
    this.#rows.replaceChildren(...rows);
  }
}
