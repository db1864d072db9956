import type { Socket } from 'node:net';
import { Failure, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import type { Commands } from '../moderation/commands.ts';
import { type Actor, broadcasterName } from '../moderation/staff.ts';
import { type ControlEvent, currentEvents, type EventSources, followEvents } from './events.ts';
import { Lines } from './lines.ts';
import { type Answer, answerText, parseRequest, type Request } from './request.ts';

export type ClientDeps = { commands: Pick<Commands, 'run' | 'runLine'>; sources: EventSources; log: Log };

const maxQueuedBytes = 256 * 1024;
const maxWaitingLines = 1000;
const actor: Actor = { role: 'broadcaster', name: broadcasterName };

/** One connection to the control socket: answers its lines in order, or tells it all that happens. */
export class ControlClient {
  readonly #socket: Socket;
  readonly #deps: ClientDeps;
  readonly #lines = new Lines();
  #answering: Promise<void> = Promise.resolve();
  #waiting = 0;
  #missed = 0;
  #isFollowing = false;

  constructor(socket: Socket, deps: ClientDeps) {
    this.#socket = socket;
    this.#deps = deps;
    socket.on('error', () => socket.destroy());
    socket.on('data', chunk => this.#take(chunk));
    // Who sends lines and closes their end still gets the answers.
    socket.on('end', () => void this.#answering.then(() => !this.#isFollowing && socket.end()));
    socket.on('drain', () => this.#tellMissed());
  }

  #take(chunk: Buffer): void {
    const lines = this.#lines.take(chunk);
    if (!lines || this.#waiting + lines.length > maxWaitingLines) {
      this.#socket.destroy();
      return;
    }
    this.#waiting += lines.length;
    for (const line of lines) {
      this.#answering = this.#answering.then(async () => {
        await this.#answer(parseRequest(line));
        this.#waiting -= 1;
      });
    }
  }

  async #answer(request: Request): Promise<void> {
    if (request.type === 'empty') return;
    if (request.type === 'events') return this.#follow();
    const answer = await this.#result(request);
    const asJson = request.type === 'damaged' || request.asJson;
    this.#socket.write(asJson ? `${JSON.stringify(answer)}\n` : answerText(answer));
  }

  async #result(request: Exclude<Request, { type: 'empty' | 'events' }>): Promise<Answer> {
    const { commands, log } = this.#deps;
    if (request.type === 'damaged') {
      const sentence = 'The line is no request: {"words":[…]} or {"command":…,"fields":{…}} is wanted.';
      return { ok: false, code: 'request-damaged', sentence };
    }
    try {
      const result =
        request.type === 'line'
          ? await commands.runLine(request.words, actor)
          : await commands.run(request.command, request.fields, actor);
      return { ok: true, ...result };
    } catch (error) {
      if (error instanceof Failure) {
        return { ok: false, code: error.code, sentence: error.message, facts: error.facts };
      }
      log.error(`A command from the terminal failed: ${sentenceOf(error)}`);
      return { ok: false, code: 'internal', sentence: 'That failed; the log of the server tells why.' };
    }
  }

  #follow(): void {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    const { sources } = this.#deps;
    for (const event of currentEvents(sources)) this.#tell(event);
    const stop = followEvents(sources, event => this.#tell(event));
    this.#socket.once('close', stop);
  }

  /** One who reads too slowly misses events, and is told how many. */
  #tell(event: ControlEvent): void {
    if (this.#socket.writableLength > maxQueuedBytes) this.#missed += 1;
    else this.#socket.write(`${JSON.stringify(event)}\n`);
  }

  #tellMissed(): void {
    const missed = this.#missed;
    this.#missed = 0;
    if (missed > 0) this.#tell({ type: 'missed', count: missed });
  }
}
