/**
 * What an endless page says after it was sent: style rules, appended as they are needed, fill `::after` contents
 * and restart animations. Pure text; whoever writes it wraps it into a `<style>` with the page's nonce.
 */
import { type StreamInfo, stateWords } from '../info.ts';

/** `text` as a CSS string (CSS Syntax 3 §4.3.7): every character but plain letters, digits and space as an escape. */
export function cssString(text: string): string {
  const escaped = Array.from(text, character =>
    /^[A-Za-z0-9 ]$/.test(character) ? character : `\\${(character.codePointAt(0) ?? 0xfffd).toString(16)} `,
  );
  return `"${escaped.join('')}"`;
}

const content = (selector: string, text: string): string => `${selector}::after{content:${cssString(text)}}`;

function badgeColours(state: StreamInfo['state']): string {
  return state === 'live'
    ? 'background:var(--live);color:#fff'
    : 'background:var(--raised);color:var(--text)';
}

/**
 * A clock that runs by itself: three integers driven by stepped animations, shown through counters. `turn` must
 * differ from the last call's, since only another animation name starts anew.
 */
function uptimeRules(uptimeMs: number | undefined, turn: number): string {
  if (uptimeMs === undefined) return '.stream-uptime{animation:none}.stream-uptime::after{content:none}';
  const delay = `-${(uptimeMs / 1000).toFixed(2)}s`;
  const hand = (name: string, periodS: number, steps: number): [string, string] => [
    `@keyframes up-${name}-${turn}{from{--up-${name}:0}to{--up-${name}:${steps}}}`,
    `up-${name}-${turn} ${periodS}s steps(${steps}) ${delay} infinite`,
  ];
  const hands = [hand('h', 3_600_000, 1000), hand('m', 3600, 60), hand('s', 60, 60)];
  const two = (name: string): string => `counter(${name},decimal-leading-zero)`;
  return [
    ...hands.map(([keyframes]) => keyframes),
    `.stream-uptime{animation:${hands.map(([, animation]) => animation).join()}}`,
    `.stream-uptime::after{content:counter(h)":"${two('m')}":"${two('s')}}`,
  ].join('');
}

/** Everything of the stream's header. */
export function infoRules(info: StreamInfo, turn: number): string {
  return [
    content('.stream-title', info.title || 'Untitled stream'),
    content('.badge', stateWords[info.state].badge),
    `.badge{${badgeColours(info.state)}}`,
    content('.stream-viewers', `${info.viewers} watching`),
    info.pinned === '' ? '.stream-pinned::after{content:none}' : content('.stream-pinned', info.pinned),
    uptimeRules(info.uptimeMs, turn),
  ].join('');
}

/** Shows `.stale` when nothing like this has come for `silentS`. */
export function aliveRules(silentS: number, turn: number): string {
  return `@keyframes stale-${turn}{to{visibility:visible}}.stale{animation:stale-${turn} 1ms ${silentS}s forwards}`;
}
