import { Failure } from '../lib/failure.ts';

/**
 * One reply of tor, or one asynchronous event (code 650). `lines` are without code and line ending; a line that
 * carried a data block (`250+key=`) has the block's lines appended after a newline each.
 */
export type ControlReply = { code: number; lines: string[] };

const maxReplyBytes = 4 * 1024 * 1024;
const replyLine = /^([1-6]\d\d)([ +-])(.*)$/s;

/**
 * Bytes of a control connection → replies, as they complete (control-spec, "Replies from Tor to the
 * controller"). Holds at most one unfinished reply, of at most 4 MiB.
 */
export class ControlReplyParser {
  #rest = '';
  #lines: string[] = [];
  #data: string[] | undefined;
  #replyBytes = 0;

  /** Throws Failure `tor-control-garbled` when the text breaks the protocol or a reply is too long. */
  push(text: string): ControlReply[] {
    const pieces = (this.#rest + text).split('\n');
    this.#rest = pieces.pop() ?? '';
    const replies: ControlReply[] = [];
    for (const piece of pieces) {
      const reply = this.#line(piece.endsWith('\r') ? piece.slice(0, -1) : piece);
      if (reply) replies.push(reply);
    }
    if (this.#replyBytes + this.#rest.length > maxReplyBytes) {
      throw new Failure('tor-control-garbled', `A reply of tor is longer than ${maxReplyBytes} bytes.`);
    }
    return replies;
  }

  #line(line: string): ControlReply | undefined {
    this.#replyBytes += line.length;
    if (this.#data) {
      if (line !== '.') {
        this.#data.push(line.startsWith('.') ? line.slice(1) : line);
        return undefined;
      }
      this.#lines.push(this.#data.join('\n'));
      this.#data = undefined;
      return undefined;
    }
    const [, code, kind, rest] = replyLine.exec(line) ?? [];
    if (code === undefined || rest === undefined) {
      throw new Failure('tor-control-garbled', `Tor said ${JSON.stringify(line.slice(0, 80))}: not a reply.`);
    }
    if (kind === '+') {
      this.#data = [rest];
      return undefined;
    }
    this.#lines.push(rest);
    if (kind === '-') return undefined;
    const reply = { code: Number(code), lines: this.#lines };
    this.#lines = [];
    this.#replyBytes = 0;
    return reply;
  }
}
