import type { WebSocket } from 'ws';
import type { Speak } from '../chat/speak.ts';
import { sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import type { Accounts } from '../moderation/accounts.ts';
import type { CaptchaPool } from '../people/captcha/pool.ts';
import type { Role } from '../people/person.ts';
import type { Done, Moderate } from './moderate/acts.ts';
import type { Visitor } from './visitor.ts';
import { type ClientFrame, clientFrame, type ServerFrame } from './wire.ts';

const maxQueuedBytes = 256 * 1024;
// Nobody types more; the domain's own limits come on top.
const maxFramesPerS = 10;

const notStaff: Done = {
  ok: false,
  sentence: 'You are not logged in any more. Log in at the desk, and do it again.',
  undo: [],
};

type ClientDeps = {
  socket: WebSocket;
  visitor: Visitor;
  speak: Speak;
  moderate: Moderate;
  accounts: Pick<Accounts, 'staffOfPerson'>;
  captchas: Pick<CaptchaPool, 'issue'>;
  log: Log;
  now: () => number;
};

/** One open socket: takes what its person says, and is sent what everybody is told. */
export class SocketClient {
  readonly visitor: Visitor;
  /** As they were told last. What they may do is asked at every act. */
  role: Role;
  readonly #deps: ClientDeps;
  #answered = true;
  #second = { startedAtMs: 0, frames: 0 };

  constructor(deps: ClientDeps) {
    this.#deps = deps;
    this.visitor = deps.visitor;
    this.role = deps.visitor.person.role;
    deps.socket.on('pong', () => {
      this.#answered = true;
    });
    deps.socket.on('error', () => deps.socket.terminate());
    deps.socket.on('message', (data, isBinary) => {
      if (isBinary || !this.#mayTalk()) deps.socket.close(1008);
      else this.#take(String(data)).catch((error: unknown) => this.#fail(error));
    });
  }

  get isStaff(): boolean {
    return this.role !== 'viewer';
  }

  /** `text` is a ServerFrame as JSON. One who does not take his events is cut off: he comes back where he was. */
  send(text: string): void {
    const { socket } = this.#deps;
    if (socket.bufferedAmount > maxQueuedBytes) socket.terminate();
    else socket.send(text);
  }

  sendFrame(frame: ServerFrame): void {
    this.send(JSON.stringify(frame));
  }

  /** Cuts a client off that has not answered the last ping. */
  ping(): void {
    const { socket } = this.#deps;
    if (this.#answered) socket.ping();
    else socket.terminate();
    this.#answered = false;
  }

  close(): void {
    this.#deps.socket.close(1001);
  }

  /** Ends it for somebody who may no longer stay. */
  cut(): void {
    this.#deps.socket.close(1008);
  }

  #mayTalk(): boolean {
    const nowMs = this.#deps.now();
    if (nowMs - this.#second.startedAtMs >= 1000) this.#second = { startedAtMs: nowMs, frames: 0 };
    this.#second.frames += 1;
    return this.#second.frames <= maxFramesPerS;
  }

  /** For a full disk and its like: they come back, and say again what got no answer. */
  #fail(error: unknown): void {
    this.#deps.log.error(`A socket was closed: ${sentenceOf(error)}`);
    // Internal Error (RFC 6455, 7.4.1).
    this.#deps.socket.close(1011);
  }

  async #take(text: string): Promise<void> {
    const { socket, visitor, speak, captchas, now } = this.#deps;
    const frame = clientFrame.safeParse(parseJson(text));
    if (!frame.success) return socket.close(1007);
    const { person, circuit } = visitor;
    if (frame.data.type === 'captcha') {
      return this.sendFrame({ type: 'captcha', captchaId: captchas.issue(person.id).id });
    }
    if (frame.data.type === 'act' || frame.data.type === 'undo') return this.#act(frame.data);
    const { nonce, text: said, replyTo, captcha } = frame.data;
    const result = await speak({ person, draft: { text: said, nonce, replyTo }, captcha, circuit });
    if (result.ok) {
      return this.sendFrame({
        type: 'answer',
        nonce,
        ok: true,
        ...(result.held ? { sentence: result.sentence } : {}),
      });
    }
    const { sentence, captchaId, retryAtMs } = result;
    this.sendFrame({
      type: 'answer',
      nonce,
      ok: false,
      sentence,
      ...(captchaId === undefined ? {} : { captchaId }),
      ...(retryAtMs === undefined ? {} : { retryInMs: Math.max(0, retryAtMs - now()) }),
    });
  }

  async #act(order: Extract<ClientFrame, { type: 'act' | 'undo' }>): Promise<void> {
    const { moderate, accounts, visitor } = this.#deps;
    const staff = accounts.staffOfPerson(visitor.person.id);
    if (!staff) return this.sendFrame({ type: 'acted', nonce: order.nonce, ...notStaff });
    const actor = { ...staff, personId: visitor.person.id };
    const done =
      order.type === 'undo'
        ? await moderate.undo(order.ids, actor)
        : await moderate.act(order.act, order, actor);
    this.sendFrame({ type: 'acted', nonce: order.nonce, ...done });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
