/** HTTP as it goes over the wire: no address is tidied up, no header added or taken away. */
import { request } from 'node:http';
import { connect } from 'node:net';

export type RawResponse = {
  status: number;
  /** In lower case, in the order they came. */
  headers: ReadonlyMap<string, string>;
  body: Buffer;
};

type RawRequest = { path?: string; method?: string; headers?: Readonly<Record<string, string>> };

const headDeadlineMs = 10_000;

/** The status and headers, and as much of the body as came before the end or within `bodyMs`. */
export async function rawRequest(url: string, options: RawRequest = {}, bodyMs = 300): Promise<RawResponse> {
  const { path = '/', method = 'GET', headers = {} } = options;
  const answered = Promise.withResolvers<RawResponse>();
  const sent = request(url, { path, method, headers, agent: false, timeout: headDeadlineMs }, response => {
    const chunks: Buffer[] = [];
    const status = response.statusCode ?? 0;
    const settle = (): void => {
      clearTimeout(enough);
      const pairs = Object.entries(response.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      answered.resolve({ status, headers: new Map(pairs), body: Buffer.concat(chunks) });
      sent.destroy();
    };
    const enough = setTimeout(settle, bodyMs);
    response.on('data', chunk => chunks.push(chunk)).once('end', settle);
    response.on('error', settle);
  });
  sent.once('timeout', () => answered.reject(new Error(`no answer to ${method} ${path}`)));
  sent.once('error', answered.reject);
  sent.end();
  return answered.promise;
}

/** Sends the very text and returns all that is answered until the server closes. */
export async function rawExchange(url: string, text: string): Promise<string> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  socket.setTimeout(headDeadlineMs, () => socket.destroy());
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
