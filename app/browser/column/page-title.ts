/** The tab's title, with what has come while nobody looked: `(3) Title`. */
export class PageTitle {
  #title = document.title;
  #unread = 0;

  constructor() {
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return;
      this.#unread = 0;
      this.#show();
    });
  }

  set(title: string): void {
    if (title === '') return;
    this.#title = title;
    this.#show();
  }

  count(messages: number): void {
    if (!document.hidden || messages === 0) return;
    this.#unread += messages;
    this.#show();
  }

  #show(): void {
    document.title = this.#unread === 0 ? this.#title : `(${this.#unread}) ${this.#title}`;
  }
}
