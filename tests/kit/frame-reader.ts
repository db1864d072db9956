/** A reader of the endless page without a browser: what has arrived of it, and when. */
export type FrameReader = AsyncDisposable & {
  status: number;
  headers: Headers;
  /** All that has come. */
  html(): string;
  /** performance.now() at the chunk after which `text` was there; undefined before. */
  cameAtMs(text: string): number | undefined;
  /** The server has ended it (true) or it was cut (error). */
  over(): boolean;
  close(): Promise<void>;
};

export async function readFrame(url: string, headers: Record<string, string> = {}): Promise<FrameReader> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const decoder = new TextDecoder();
  const chunks: { atMs: number; endsAt: number }[] = [];
  let html = '';
  let isOver = false;
  const reading = (async () => {
    for await (const chunk of response.body ?? []) {
      html += decoder.decode(chunk, { stream: true });
      chunks.push({ atMs: performance.now(), endsAt: html.length });
    }
  })()
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  const close = async (): Promise<void> => {
    abort.abort();
    await reading;
  };
  return {
    status: response.status,
    headers: response.headers,
    html: () => html,
    cameAtMs(text) {
      const at = html.indexOf(text);
      return at < 0 ? undefined : chunks.find(chunk => chunk.endsAt >= at + text.length)?.atMs;
    },
    over: () => isOver,
    close,
    [Symbol.asyncDispose]: close,
  };
}
