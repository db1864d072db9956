import { button } from '../dom.ts';

type Handlers = {
  onReply(number: number): void;
  onJump(number: number): void;
  /** Escape: back to writing. */
  onLeave(): void;
};

function messageOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('.m[id]') : null;
}

const stops = 'a, button, input';
const numberOf = (message: HTMLElement): number => Number(message.id.slice(1));

/**
 * What one can do with messages. With the mouse: reply, or go where a reply points. With the keyboard: the log is one
 * stop of the Tab key; arrows go from message to message, Enter replies, and only that message's links are stops too.
 */
export function logActions(log: HTMLElement, { onReply, onJump, onLeave }: Handlers): void {
  let current: HTMLElement | undefined;
  const reply = button('answer', 'Reply', () => {
    const message = messageOf(reply);
    if (message) onReply(numberOf(message));
  });
  reply.tabIndex = -1;

  function enter(message: HTMLElement): void {
    if (message === current) return;
    for (const stop of current?.querySelectorAll<HTMLElement>(stops) ?? []) stop.tabIndex = -1;
    for (const stop of message.querySelectorAll<HTMLElement>(stops)) stop.tabIndex = 0;
    current = message;
  }

  function step(from: HTMLElement | undefined, back: boolean): void {
    const all = [...log.querySelectorAll<HTMLElement>('.m[id]')];
    const at = from ? all.indexOf(from) : -1;
    const next = at < 0 ? all.at(-1) : all[at + (back ? -1 : 1)];
    next?.scrollIntoView({ block: 'nearest' });
    next?.focus({ preventScroll: true });
  }

  log.addEventListener('pointerover', event => messageOf(event.target)?.append(reply));
  log.addEventListener('pointerleave', () => reply.remove());
  log.addEventListener('focusin', event => {
    const message = messageOf(event.target);
    if (message) enter(message);
  });
  log.addEventListener('click', event => {
    const target = event.target instanceof Element ? event.target : null;
    const message = messageOf(target);
    const link = target?.closest('a.reply');
    if (link) {
      event.preventDefault();
      onJump(Number(link.getAttribute('href')?.slice(2)));
    } else if (message && target?.closest('.time')) onReply(numberOf(message));
  });
  log.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const message = messageOf(event.target) ?? undefined;
    if (event.key === 'Escape') onLeave();
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') step(message, event.key === 'ArrowUp');
    else if (event.key === 'Enter' && message && event.target === message) onReply(numberOf(message));
    else return;
    event.preventDefault();
  });
}
