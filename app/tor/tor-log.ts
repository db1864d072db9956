/** One line of `Log notice stdout`: severity, and the words without time. Undefined for anything else. */
export function parseTorLine(line: string): { severity: string; words: string } | undefined {
  const [, severity, words] = /^\S+ +\d+ [\d:.]+ \[(\w+)\] (.*)$/s.exec(line) ?? [];
  return severity === undefined || words === undefined ? undefined : { severity, words };
}

// Fingerprints (with a nickname, perhaps) and addresses: the relays that tor chose say where its client is.
const relays =
  /\$?\b[0-9A-F]{40}\b(?:[~=]\w+)?|\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?|\[[0-9a-f:]{2,}\](?::\d+)?/g;

/** Tor's words without what they tell of its relays. */
export function withoutRelays(words: string): string {
  return words.replace(relays, '(a relay)');
}

/**
 * What tor warns of, for one run of it: each thing once, for tor repeats itself (with other numbers and relays)
 * while it can't reach the network. Keeps the last few for the sentence that says why tor ended.
 */
export class TorWarnings {
  readonly #said = new Set<string>();
  readonly #last: string[] = [];

  /** The words to log, or undefined when the line is no warning or not new. */
  take(line: string): string | undefined {
    const parsed = parseTorLine(line);
    if (parsed?.severity !== 'warn' && parsed?.severity !== 'err') return undefined;
    const gist = parsed.words.replace(/\(.*\)|\d+|[0-9A-F]{40}/g, '');
    if (this.#said.has(gist) || this.#said.size >= 100) return undefined;
    this.#said.add(gist);
    const words = withoutRelays(parsed.words);
    this.#last.push(words);
    if (this.#last.length > 3) this.#last.shift();
    return words;
  }

  /** Tor's last complaints in one line, the most recent last; empty when it had none. */
  get lastWords(): string {
    return this.#last.join(' ');
  }
}

/** `NOTICE BOOTSTRAP PROGRESS=10 TAG=conn_done SUMMARY="Connected to a relay"` (control-spec) → its facts. */
export function parseBootstrap(text: string): { percent: number; summary: string } | undefined {
  const [, percent, summary] = /\bBOOTSTRAP PROGRESS=(\d+) .*SUMMARY="([^"]*)"/.exec(text) ?? [];
  return percent === undefined || summary === undefined ? undefined : { percent: Number(percent), summary };
}
