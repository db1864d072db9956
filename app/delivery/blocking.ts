/** Blocking requests of Low-Latency HLS: an answer is held back until the window has what was asked for. */
import { Failure } from '../lib/failure.ts';
import type { LiveChannel } from '../live/channel.ts';

/** `_HLS_msn` and `_HLS_part` of a blocking playlist reload (rfc8216bis §6.2.5.2). */
export type ReloadDirective = { sequence: number; part: number | undefined };

// Three target durations, as the specification asks, but never less than a slow start needs.
const maxHoldMs = 6000;

function hasReached(channel: LiveChannel, { sequence, part }: ReloadDirective): boolean {
  const newest = channel.window.segments.at(-1);
  if (!newest || channel.state === 'ended') return true;
  if (newest.sequence > sequence) return true;
  if (newest.sequence < sequence) return false;
  return part === undefined ? newest.complete : newest.parts.length > part;
}

/** Resolves true once `condition` holds, or false after the hold or when `signal` aborts. Checked at every part. */
function until(channel: LiveChannel, condition: () => boolean, signal: AbortSignal): Promise<boolean> {
  if (condition()) return Promise.resolve(true);
  return new Promise(resolve => {
    const settle = (reached: boolean): void => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
      resolve(reached);
    };
    const onAbort = (): void => settle(false);
    const timer = setTimeout(() => settle(false), maxHoldMs);
    const unsubscribe = channel.events.subscribe(() => {
      if (condition()) settle(true);
    });
    signal.addEventListener('abort', onAbort);
  });
}

/**
 * Holds while a stream has just begun: its target duration must not change later (RFC 8216 §6.2.1), and is known
 * once the first segment is complete.
 */
export async function holdFirstSegment(channel: LiveChannel, signal: AbortSignal): Promise<void> {
  const isBeginning = () => channel.state === 'starting' || channel.state === 'live';
  const hasSegment = () => channel.window.segments[0]?.complete === true;
  await until(channel, () => hasSegment() || !isBeginning(), signal);
}

/**
 * Holds until the playlist has the part asked for. Throws Failure `reload-too-far` for a sequence number more
 * than two ahead, which §6.2.5.2 answers with 400.
 */
export async function holdReload(channel: LiveChannel, directive: ReloadDirective, signal: AbortSignal) {
  const newest = channel.window.newestSequence;
  if (directive.sequence > newest + 2) {
    throw new Failure(
      'reload-too-far',
      `_HLS_msn=${directive.sequence} is too far ahead: the newest segment is ${newest}. Reload the playlist.`,
    );
  }
  await until(channel, () => hasReached(channel, directive), signal);
}

/** Holds a request for the part announced by EXT-X-PRELOAD-HINT until it is there. */
export async function holdPart(channel: LiveChannel, number: number, signal: AbortSignal): Promise<void> {
  if (number !== channel.window.nextNumber || channel.state === 'ended') return;
  await until(channel, () => channel.window.part(number) !== undefined, signal);
}
