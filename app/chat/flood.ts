import { createHash } from 'node:crypto';
import type { ChatConfig } from './config.ts';
import { RecencyMap } from './recency-map.ts';
import { lineCount } from './text.ts';

export type FloodReason = 'flood' | 'slow-mode' | 'duplicate';

/** At `retryAtMs` the same text would pass, if nothing else was written meanwhile. */
export type FloodVerdict = { reason: FloodReason; retryAtMs: number };

/** `circuit`: the Tor circuit it came by, where that is known. */
export type Writer = { personId: string; circuit: string | undefined };

type Post = { atMs: number; lines: number; digest: string };

type Limits = { messages: number; lines: number; slowMessages: number };

// Enough for a crowd; each entry is a few posts.
const maxWriters = 20_000;

/**
 * How much was written lately, by person and by circuit: sliding windows over accepted posts. Refused ones don't
 * count, so that waiting as told always helps.
 */
export class Flood {
  readonly #now: () => number;
  readonly #config: ChatConfig['flood'];
  readonly #person: Limits;
  readonly #circuit: Limits;
  readonly #posts: RecencyMap<readonly Post[]>;

  constructor(deps: { now: () => number; maxWriters?: number }, config: ChatConfig['flood']) {
    const { messages, lines, circuitFactor } = config;
    this.#now = deps.now;
    this.#config = config;
    this.#person = { messages, lines, slowMessages: 1 };
    this.#circuit = {
      messages: messages * circuitFactor,
      lines: lines * circuitFactor,
      slowMessages: circuitFactor,
    };
    this.#posts = new RecencyMap(deps.maxWriters ?? maxWriters);
  }

  get size(): number {
    return this.#posts.size;
  }

  /** Whether `text` would be too much now; changes nothing. `slowModeS` 0 is off. */
  check(writer: Writer, text: string, slowModeS: number): FloodVerdict | undefined {
    const post = this.#post(text);
    const verdicts = this.#keys(writer).flatMap(({ key, limits }) =>
      this.#verdicts(this.#recent(key), post, limits, slowModeS * 1000),
    );
    const [first] = verdicts;
    return first && { reason: first.reason, retryAtMs: Math.max(...verdicts.map(v => v.retryAtMs)) };
  }

  /** Counts a text that was accepted. */
  count(writer: Writer, text: string): void {
    const post = this.#post(text);
    for (const { key, limits } of this.#keys(writer)) {
      // What windows and slow mode look back at, and some more for duplicates.
      const kept = Math.max(limits.messages, 16);
      this.#posts.set(key, [...this.#recent(key), post].slice(-kept));
    }
  }

  #keys({ personId, circuit }: Writer): { key: string; limits: Limits }[] {
    const person = { key: `person ${personId}`, limits: this.#person };
    return circuit === undefined ? [person] : [person, { key: `circuit ${circuit}`, limits: this.#circuit }];
  }

  #post(text: string): Post {
    const folded = text.toLowerCase().replace(/\s+/gu, ' ');
    const digest = createHash('sha256').update(folded).digest('base64').slice(0, 16);
    return { atMs: this.#now(), lines: lineCount(text), digest };
  }

  #recent(key: string): readonly Post[] {
    const nowMs = this.#now();
    // Posts of the future are left by a clock that was set back; they would block for as long.
    return (this.#posts.get(key) ?? []).filter(post => post.atMs <= nowMs);
  }

  #verdicts(recent: readonly Post[], post: Post, limits: Limits, slowModeMs: number): FloodVerdict[] {
    const windowMs = this.#config.windowS * 1000;
    const duplicateWindowMs = this.#config.duplicateWindowS * 1000;
    const within = (spanMs: number) => recent.filter(({ atMs }) => atMs > post.atMs - spanMs);
    const verdicts: FloodVerdict[] = [];
    const refuse = (reason: FloodReason, blocking: Post | undefined, spanMs: number): void => {
      if (blocking) verdicts.push({ reason, retryAtMs: blocking.atMs + spanMs });
    };
    refuse('slow-mode', within(slowModeMs).at(-limits.slowMessages), slowModeMs);
    const inWindow = within(windowMs);
    refuse('flood', inWindow.at(-limits.messages), windowMs);
    refuse('flood', overLines(inWindow, limits.lines - post.lines), windowMs);
    const same = within(duplicateWindowMs).findLast(({ digest }) => digest === post.digest);
    refuse('duplicate', same, duplicateWindowMs);
    return verdicts;
  }
}

/** The last post that must leave the window until those behind it have at most `lines` lines. */
function overLines(posts: readonly Post[], lines: number): Post | undefined {
  let left = lines;
  return posts.findLast(post => {
    left -= post.lines;
    return left < 0;
  });
}
