import { element, needElement } from './dom.ts';
import type { ChannelState, StreamInfo } from './wire.ts';

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

/** Puts a live column of the page's own in the place of the frame, with the same markup and looks. */
export function liveColumn() {
  const title = element('h1', { class: 'stream-title' });
  const badge = element('span', { class: 'badge' });
  const uptime = element('span', { class: 'stream-uptime-js' });
  const viewers = element('span', { class: 'stream-viewers' });
  const facts = element('p', { class: 'stream-facts' }, badge, uptime, viewers);
  const stale = element('p', { class: 'stale-js', role: 'status', hidden: '' }, 'Connecting again…');
  const lines = element('div', { class: 'log-lines' });
  const log = element('div', { class: 'log', role: 'log', 'aria-label': 'Chat', tabindex: '0' }, lines);
  const header = element('header', { class: 'stream' }, title, facts);
  needElement('side').replaceChildren(element('div', { class: 'live-column' }, header, log, stale));

  let startedAt: number | undefined;
  setInterval(() => {
    uptime.textContent = startedAt === undefined ? '' : clock(performance.now() - startedAt);
  }, 500);

  return {
    show(info: StreamInfo): void {
      title.textContent = info.title || 'Untitled stream';
      badge.textContent = badges[info.state];
      badge.dataset.state = info.state;
      viewers.textContent = `${info.viewers} watching`;
      startedAt = info.uptimeMs === undefined ? undefined : performance.now() - info.uptimeMs;
      if (info.title) document.title = info.title;
    },
    showConnection(connected: boolean): void {
      stale.hidden = connected;
    },
  };
}
