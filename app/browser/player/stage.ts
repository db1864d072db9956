/** The picture with JavaScript: the frame first, and once it shows something the player in its place. */
import { element, needElement } from '../dom.ts';
import type { ChannelState, StreamInfo } from '../wire.ts';
import type { Player } from './player.ts';

const words: Readonly<Record<ChannelState, [heading: string, sentence: string]>> = {
  offline: ['The stream is off', 'It starts here by itself when it goes live.'],
  starting: ['The stream is starting', 'The picture comes in a moment.'],
  live: ['The stream is live', 'The picture comes in a moment.'],
  stalled: ['The stream is interrupted', 'It goes on here by itself.'],
  ended: ['The stream has ended', 'It starts here by itself when it is live again.'],
};

/** What the page was told when it was made. */
function stateOf(stage: HTMLElement): ChannelState {
  const told = stage.dataset.state ?? '';
  const isKnown = (state: string): state is ChannelState => Object.hasOwn(words, state);
  return isKnown(told) ? told : 'live';
}

// The player's code is worth waiting for the first picture, but not for ever.
const patienceMs = 4000;

/** Resolves when the frame's video shows a picture, or at the latest when there has been time enough for it. */
async function firstPicture(frame: HTMLIFrameElement): Promise<void> {
  const patience = new Promise(resolve => setTimeout(resolve, patienceMs));
  const video = frame.contentDocument?.querySelector('video');
  if (!video || video.readyState >= video.HAVE_CURRENT_DATA) return;
  const shown = new Promise(resolve => {
    for (const event of ['loadeddata', 'error']) video.addEventListener(event, resolve, { once: true });
  });
  await Promise.race([patience, shown]);
}

/** The player's sheet; its own style elements would need a hole in our Content-Security-Policy. */
async function loadStyle(href: string): Promise<void> {
  Object.assign(window, { VIDEOJS_NO_DYNAMIC_STYLE: true });
  const style = element('link', { rel: 'stylesheet', href });
  document.head.append(style);
  await new Promise(resolve => {
    for (const event of ['load', 'error']) style.addEventListener(event, resolve, { once: true });
  });
}

export function prepareStage() {
  const stage = needElement('stage');
  const frame = needElement('picture');
  const [heading, sentence] = [element('p', { class: 'stage-big' }), element('p')];
  const note = element('div', { class: 'stage-note', role: 'status', hidden: '' }, heading, sentence);
  let state = stateOf(stage);
  let player: Player | undefined;

  async function upgrade(picture: HTMLIFrameElement): Promise<void> {
    const search = new URLSearchParams(location.search);
    await firstPicture(picture);
    // What the player imports is fetched beside it, not a round trip after it.
    for (const href of (stage.dataset.playerModules ?? '').split(' ')) {
      if (href) document.head.append(element('link', { rel: 'modulepreload', href }));
    }
    const [{ createPlayer }] = await Promise.all([
      import('./player.ts'),
      loadStyle(stage.dataset.playerStyle ?? ''),
    ]);
    stage.append(note);
    player = createPlayer({
      stage,
      bare: picture,
      sound: search.get('sound') === '1',
      useHls: search.get('player') === 'hls',
      state,
      query: document.getElementById('side')?.dataset.query ?? '',
    });
  }

  if (stage.dataset.videojs === 'yes' && 'MediaSource' in window && frame instanceof HTMLIFrameElement) {
    void upgrade(frame);
  }

  return {
    show(info: StreamInfo): void {
      state = info.state;
      stage.dataset.state = state;
      [heading.textContent, sentence.textContent] = words[state];
      note.hidden = state === 'live' || state === 'stalled';
      player?.show(state);
    },
  };
}
