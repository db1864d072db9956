/**
 * Somebody who comes by forms and a cookie, over loopback or, as tor brings them, over a circuit to the onion's socket:
 * a server gets that socket without a tor by `tor.systemSocket`.
 */
import { Agent, type ClientRequestArgs, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** `socket`: the onion's, where each connection begins with its circuit; without it they go to `url`. */
export type Door = { url: string; socket: string | undefined };

export type Answer = { status: number; html: string; location: string | undefined; ms: number };

/** The line that tor writes first (HiddenServiceExportCircuitID haproxy): both halves, and the low one as port. */
function proxyLine(circuit: number): string {
  const [high, low] = [circuit >>> 16, circuit & 0xffff];
  return `PROXY TCP6 fc00:dead:beef:4dad::${high.toString(16)}:${low.toString(16)} ::1 ${low} 80\r\n`;
}

class CircuitAgent extends Agent {
  readonly #path: string;
  readonly #circuit: number;

  constructor(path: string, circuit: number) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#path = path;
    this.#circuit = circuit;
  }

  override createConnection(_options: ClientRequestArgs): Socket {
    const socket = connect(this.#path);
    socket.write(proxyLine(this.#circuit));
    return socket;
  }
}

const deadlineMs = 20_000;
const onionHost = `${'a'.repeat(56)}.onion`;

export class FormVisitor implements Disposable {
  readonly #door: Door;
  readonly #agent: Agent;
  #cookie = '';
  #csrf = '';

  constructor(door: Door, circuit: number) {
    this.#door = door;
    const { socket } = door;
    this.#agent =
      socket === undefined
        ? new Agent({ keepAlive: true, maxSockets: 1 })
        : new CircuitAgent(socket, circuit);
  }

  get(path: string): Promise<Answer> {
    return this.#ask('GET', path);
  }

  /** The session's secret of forms comes along, once a page with a form was got. */
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
    return this.#ask('POST', path, new URLSearchParams({ csrf: this.#csrf, ...fields }).toString());
  }

  /** Forgets who they were. */
  becomeAnother(): void {
    this.#cookie = '';
    this.#csrf = '';
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #ask(method: string, path: string, body?: string): Promise<Answer> {
    const { hostname, port, host } = new URL(this.#door.url);
    const beganMs = performance.now();
    const headers = {
      host: this.#door.socket === undefined ? host : onionHost,
      accept: 'text/html',
      ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const signal = AbortSignal.timeout(deadlineMs);
      request({ method, path, hostname, port, headers, agent: this.#agent, signal }, resolve)
        .once('error', reject)
        .end(body);
    });
    const html = await text(response);
    const ms = performance.now() - beganMs;
    const [cookie] = response.headers['set-cookie'] ?? [];
    this.#cookie = cookie?.split(';')[0] ?? this.#cookie;
    this.#csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? this.#csrf;
    return { status: response.statusCode ?? 0, html, location: response.headers.location, ms };
  }
}
