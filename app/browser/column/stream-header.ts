import { element } from '../dom.ts';
import type { ChannelState, StreamInfo } from '../wire.ts';

const badges: Readonly<Record<ChannelState, string>> = {
  offline: 'Offline',
  starting: 'Starting',
  live: 'Live',
  stalled: 'Interrupted',
  ended: 'Ended',
};

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value % 60).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60))}:${two(seconds)}`;
}

/** What is selected there stays selected where nothing has changed. */
function setText(of: HTMLElement, text: string): void {
  if (of.textContent !== text) of.textContent = text;
}

/** What the stream is: title, state, how long, and how many watch (which opens the list of who they are). */
export function streamHeader(viewers: HTMLButtonElement) {
  const title = element('h1', { class: 'stream-title' });
  const badge = element('span', { class: 'badge' });
  const uptime = element('span');
  const facts = element('p', { class: 'stream-facts' }, badge, uptime, viewers);

  const pinned = element('p', { class: 'stream-pinned' });

  let startedAt: number | undefined;
  setInterval(() => {
    uptime.hidden = startedAt === undefined;
    if (startedAt !== undefined) uptime.textContent = clock(performance.now() - startedAt);
  }, 500);

  return {
    element: element('header', { class: 'stream' }, title, facts, pinned),
    show(info: StreamInfo): void {
      setText(title, info.title || 'Untitled stream');
      badge.textContent = badges[info.state];
      badge.dataset.state = info.state;
      viewers.textContent = `${info.viewers} watching`;
      setText(pinned, info.pinned);
      startedAt = info.uptimeMs === undefined ? undefined : performance.now() - info.uptimeMs;
    },
  };
}
