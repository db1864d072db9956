import type { Duplex } from 'node:stream';
import { Failure, sentenceOf } from '../lib/failure.ts';
import { Topic } from '../lib/topic.ts';
import { type ControlReply, ControlReplyParser } from './control-reply.ts';

const replyDeadlineMs = 30_000;

type Waiting = { resolve(reply: ControlReply): void; reject(reason: Failure): void; timer: NodeJS.Timeout };

/**
 * A controller's conversation with one tor over an authenticated stream (control-spec). Replies come in the
 * order of the commands; events (code 650) are published as they come. Closing it ends a tor that it owns.
 */
export class ControlConnection {
  readonly events = new Topic<ControlReply>();
  readonly #stream: Duplex;
  readonly #parser = new ControlReplyParser();
  readonly #waiting: Waiting[] = [];
  #end: Failure | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.setEncoding('latin1');
    stream.on('data', (text: string) => this.#receive(text));
    stream.on('error', error => this.#fail(`The control connection to tor broke: ${sentenceOf(error)}.`));
    stream.on('close', () => this.#fail('Tor closed its control connection.'));
    stream.on('end', () => stream.destroy());
  }

  /**
   * Sends one command line and gives its reply (code 2xx). Rejects with Failure `tor-control-refused` (its facts
   * hold the `code`) or `tor-control-closed`.
   */
  async command(line: string): Promise<ControlReply> {
    if (/[\r\n]/.test(line)) throw new Failure('tor-control-refused', 'A control command is one line.');
    if (this.#end) throw this.#end;
    const { promise, resolve, reject } = Promise.withResolvers<ControlReply>();
    const timer = setTimeout(
      () => this.#fail(`Tor has not answered for ${replyDeadlineMs / 1000} s.`),
      replyDeadlineMs,
    );
    this.#waiting.push({ resolve, reject, timer });
    this.#stream.write(`${line}\r\n`);
    const reply = await promise;
    if (reply.code >= 200 && reply.code < 300) return reply;
    const verb = line.split(' ', 1)[0];
    throw new Failure('tor-control-refused', `Tor refused ${verb}: ${reply.code} ${reply.lines.join('; ')}`, {
      code: reply.code,
    });
  }

  /** The value of one GETINFO key, unquoted only by the caller; several lines are joined with a newline. */
  async getInfo(key: string): Promise<string> {
    const { lines } = await this.command(`GETINFO ${key}`);
    const line = lines.find(text => text.startsWith(`${key}=`)) ?? '';
    return line.slice(key.length + 1).replace(/^\n/, '');
  }

  close(): void {
    this.#fail('The control connection to tor is closed.');
  }

  #receive(text: string): void {
    try {
      for (const reply of this.#parser.push(text)) this.#dispatch(reply);
    } catch (error) {
      this.#fail(sentenceOf(error));
    }
  }

  #dispatch(reply: ControlReply): void {
    if (reply.code === 650) {
      this.events.publish(reply);
      return;
    }
    const waiting = this.#waiting.shift();
    if (!waiting) throw new Failure('tor-control-garbled', 'Tor answered a question nobody asked.');
    clearTimeout(waiting.timer);
    waiting.resolve(reply);
  }

  #fail(sentence: string): void {
    this.#end ??= new Failure('tor-control-closed', sentence);
    for (const { reject, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      reject(this.#end);
    }
    this.#stream.destroy();
  }
}
