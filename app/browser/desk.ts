/**
 * The desk with JavaScript: its forms are sent without leaving the page, and what it shows is kept current, both by the
 * same HTML that is there without. What is typed, ticked or held open is left alone.
 */
import { load, noAnswer } from './desk/load.ts';
import { Parts } from './desk/refresh.ts';
import { button, element, needElement } from './dom.ts';

const everyMs = 2000;
/** While nobody looks. */
const hiddenEveryMs = 15_000;

const main = needElement('desk-main');
const answer = needElement('told');
const news = element('p', { class: 'visually-hidden', role: 'status' });
const lost = element('p', { class: 'desk-lost', role: 'status', hidden: '' });
const title = document.title;
const parts = new Parts();
let waiting = countWaiting(document);
let timer: ReturnType<typeof setTimeout> | undefined;
/** Forms on their way: what comes from before them is old. */
let sending = 0;
let sent = 0;
/** The log-in has ended, and the person was told. */
let isOut = false;

function countWaiting(page: Document): number {
  return Number(page.querySelector('[data-live="nav-waiting"]')?.textContent ?? 0);
}

function show(page: Document, done?: Element): void {
  parts.take(page, done);
  // Another one, if they had to log in anew.
  const mark = page.querySelector<HTMLInputElement>('[name="csrf"]')?.value;
  if (mark)
    for (const field of document.querySelectorAll<HTMLInputElement>('[name="csrf"]')) field.value = mark;
  const now = countWaiting(page);
  if (now > waiting) news.textContent = now === 1 ? 'A message waits.' : `${now} messages wait.`;
  else if (now === 0) news.textContent = '';
  waiting = now;
  document.title = now === 0 ? title : `(${now}) ${title}`;
}

function tell(told: Element | null): void {
  answer.replaceChildren(...(told ? [told] : []));
  // It must not take the focus from who goes on typing.
  told?.removeAttribute('autofocus');
  const close = button('close', '×', () => answer.replaceChildren());
  close.setAttribute('aria-label', 'Close the answer');
  told?.append(close);
}

/** An answer of our own, where the server gave none. */
function say(sentence: string, ...more: Node[]): void {
  tell(element('div', { class: 'desk-answer failed', tabindex: '-1' }, element('p', {}, sentence, ...more)));
}

function sayLoggedOut(): void {
  isOut = true;
  const link = element('a', { href: '/broadcaster', target: '_blank' }, 'Log in again in another tab');
  say('Your log-in has ended. What you typed stays here. ', link);
}

function sayLost(isLost: boolean): void {
  if (lost.hidden === !isLost) return;
  lost.textContent = isLost ? `${noAnswer} What is shown may be old.` : '';
  lost.hidden = !isLost;
}

async function refresh(): Promise<void> {
  clearTimeout(timer);
  const before = sent;
  const beganMs = performance.now();
  const loaded = await load(main.dataset.refresh ?? '');
  if (loaded === 'logged out') {
    if (!isOut) sayLoggedOut();
  } else {
    const isLost = 'sentence' in loaded;
    sayLost(isLost);
    if (!isLost && sending === 0 && sent === before) {
      if (isOut) tell(null);
      isOut = false;
      show(loaded.page);
    }
  }
  clearTimeout(timer);
  // On a slow circuit at most half of the time is spent with this.
  const tookMs = performance.now() - beganMs;
  timer = setTimeout(() => void refresh(), Math.max(document.hidden ? hiddenEveryMs : everyMs, tookMs));
}

/** What is filled in, but for what the server renews by itself. */
function filledIn(form: HTMLFormElement): string {
  return JSON.stringify([...new FormData(form)].filter(([name]) => name !== 'csrf'));
}

function empty(form: HTMLFormElement): void {
  form.reset();
  for (const details of form.querySelectorAll('details')) details.open = false;
}

async function send(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  // Not `form.action`: that is a field of this name, where there is one.
  const action = submitter?.getAttribute('formaction') ?? form.getAttribute('action') ?? '';
  const address = new URL(action, location.href);
  address.searchParams.set('only', 'live');
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter)) {
    if (typeof value === 'string') body.append(name, value);
  }
  const before = filledIn(form);
  const wasFocused = document.activeElement;
  const pressed = submitter ?? form;
  pressed.setAttribute('aria-busy', 'true');
  sending += 1;
  sent += 1;
  const loaded = await load(address.href, { method: 'POST', body });
  sending -= 1;
  pressed.removeAttribute('aria-busy');
  if (loaded === 'logged out') return sayLoggedOut();
  if ('sentence' in loaded) {
    say(
      loaded.sentence === noAnswer
        ? `${noAnswer} It is not known whether that was done: look before you send it again.`
        : loaded.sentence,
    );
    return;
  }
  const { page, ok } = loaded;
  tell(page.querySelector('#told > .desk-answer'));
  // A button with an address of its own takes little or nothing of what is filled in: that stays.
  const isWhole = !submitter?.hasAttribute('formaction');
  const done = isWhole ? form : submitter?.closest('[data-live]');
  // Whoever has gone on filling it in meanwhile keeps that.
  const isDone = ok && !(isWhole && filledIn(form) !== before);
  if (isDone && isWhole) empty(form);
  if (sending === 0) show(page, (isDone && done) || undefined);
  // What was pressed has gone with its row: go on from the answer.
  if (wasFocused && !wasFocused.isConnected && document.activeElement === document.body) {
    answer.querySelector<HTMLElement>('.desk-answer')?.focus({ preventScroll: true });
  }
}

document.addEventListener('submit', event => {
  const { target: form, submitter } = event;
  if (!(form instanceof HTMLFormElement) || form.getAttribute('method') !== 'post' || !main.contains(form))
    return;
  event.preventDefault();
  // Pressed twice is meant once; another button of the form is another matter.
  if ((submitter ?? form).getAttribute('aria-busy') !== 'true') void send(form, submitter);
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh();
});
document.body.classList.add('live');
main.append(lost, news);
document.title = waiting === 0 ? title : `(${waiting}) ${title}`;
timer = setTimeout(() => void refresh(), everyMs);
