/**
 * Calls `stop` once when the process that forked us is gone, however it died: the IPC channel it holds closes with
 * it. A no-op when there is no such channel, that is when a person started us. The channel never keeps us alive.
 */
export function stopWhenParentGone(stop: () => void): void {
  // Node leaves `connected` undefined in a process that was never forked; false means the parent was quicker.
  if (process.connected === false) {
    stop();
    return;
  }
  if (!process.channel) return;
  process.once('disconnect', stop);
  process.channel.unref();
  // Our output may be pipes of the parent's: a line written after it has gone must not end us before `stop` does.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}

/** What the server tells scripts/live when the stream is to end for good. */
export const endStreamMessage = 'end-stream';

/** A no-op when a person started us, or when the parent is gone. */
export function tellParent(message: string): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
