/** Somebody who came by the watch page, and what the WebSocket tells them. */
import { once } from 'node:events';
import { z } from 'zod';

/** A GET of the page; the headers that make further requests those of the same visitor. */
export async function visit(url: string): Promise<{ page: string; headers: Record<string, string> }> {
  const response = await fetch(url, { headers: { accept: 'text/html' } });
  const cookie = response.headers.getSetCookie().map(each => each.split(';')[0]);
  return { page: await response.text(), headers: { cookie: cookie.join('; '), origin: new URL(url).origin } };
}

const infoFrame = z.object({
  type: z.literal('info'),
  info: z.object({ state: z.string(), title: z.string(), viewers: z.number() }),
});

export type Told = z.infer<typeof infoFrame>['info'];

/** A visitor's WebSocket; `last` is what it told last of the stream. */
export async function listen(
  url: string,
): Promise<AsyncDisposable & { last(): Told; close(): Promise<void> }> {
  const { headers } = await visit(url);
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}socket`, { headers });
  const first = Promise.withResolvers<void>();
  let last: Told | undefined;
  socket.addEventListener('message', ({ data }) => {
    const frame = infoFrame.safeParse(JSON.parse(String(data)));
    if (!frame.success) return;
    last = frame.data.info;
    first.resolve();
  });
  const closed = once(socket, 'close');
  void closed.then(() => first.reject(new Error('the socket closed without a word')));
  await first.promise;
  const close = async (): Promise<void> => {
    socket.close();
    await closed;
  };
  return {
    last(): Told {
      if (!last) throw new Error('nothing was told');
      return last;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
