import { StringDecoder } from 'node:string_decoder';

export const maxLineLength = 256 * 1024;

/** Cuts a stream of bytes into lines; `take` returns undefined when one is too long to go on. */
export class Lines {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  take(chunk: Buffer): string[] | undefined {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    return this.#rest.length > maxLineLength ? undefined : lines;
  }
}
