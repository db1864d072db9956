/**
 * Publishes the onion service: owns our tor process, its torrc and the onion's folder, and starts tor again when
 * it dies. It does not own the socket that tor connects to (circuit-listener.ts), nor what is served there.
 */
import { resolve as resolvePath } from 'node:path';
import { Backoff } from '../lib/backoff.ts';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import { Topic } from '../lib/topic.ts';
import type { TorConfig } from './config.ts';
import { launchTor, type OnionTor } from './launch.ts';

const restart = { firstMs: 500, maxMs: 60_000 };
const unknownCircuit = 552;

export type OnionDeps = {
  /** The service's data folder; ours in it are `tor/` and `hidden_service/`. */
  dataDir: string;
  /** Where tor connects to for each stream, PROXY line first: the path of a CircuitListener. */
  socketPath: string;
  log: Log;
  /** Each event of tor's controller (control-spec), without the code. */
  onEvent?: (text: string) => void;
};

export class Onion {
  /** Whether the onion can be found: true once its descriptor is uploaded, false when tor has died. */
  readonly publication = new Topic<boolean>();
  readonly #deps: Required<OnionDeps>;
  readonly #config: TorConfig;
  readonly #closing = new AbortController();
  readonly #backoff = new Backoff(restart);
  #tor: OnionTor | undefined;
  #starting: Promise<unknown> = Promise.resolve();
  #supervision: Promise<void> = Promise.resolve();
  #isPublished = false;

  constructor({ dataDir, socketPath, log, onEvent = () => {} }: OnionDeps, config: TorConfig) {
    this.#deps = { dataDir: resolvePath(dataDir), socketPath: resolvePath(socketPath), log, onEvent };
    this.#config = config;
  }

  get isPublished(): boolean {
    return this.#isPublished;
  }

  /** The running tor's process id; undefined while there is none. */
  get pid(): number | undefined {
    return this.#tor?.pid;
  }

  /**
   * Starts tor; resolves to `xxxx.onion` within about a second, before the onion can be reached. Throws Failure
   * `tor-missing`, `tor-folder-unusable`, or `tor-failed` with tor's own last words; once it has resolved, a tor
   * that dies is started again.
   */
  async start(): Promise<string> {
    const launch = this.#launch();
    this.#starting = launch.catch(() => {});
    const tor = await launch;
    this.#supervision = this.#supervise(tor);
    return tor.address;
  }

  /** Resolves when the onion is, or has become, published; rejects when the signal aborts. */
  async published(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#isPublished) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const unsubscribe = this.publication.subscribe(isPublished => isPublished && resolve());
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    try {
      await promise;
    } finally {
      unsubscribe();
      signal.removeEventListener('abort', abort);
    }
  }

  /**
   * Ends one circuit and its streams at once (CLOSECIRCUIT); false when there is none of that number any more. A
   * visitor is back on a new circuit a moment later, so this alone is no ban. Numbers begin anew with each tor.
   */
  async closeCircuit(circuit: number): Promise<boolean> {
    if (!Number.isInteger(circuit) || circuit < 1) throw new RangeError(`${circuit} is no circuit's number`);
    if (!this.#tor) return false;
    try {
      await this.#tor.control.command(`CLOSECIRCUIT ${circuit}`);
      return true;
    } catch (error) {
      const isUnknown = error instanceof Failure && error.facts.code === unknownCircuit;
      // With the conversation tor itself has ended, and every circuit with it.
      if (isUnknown || codeOf(error) === 'tor-control-closed') return false;
      throw error;
    }
  }

  /** Ends tor and waits until it has gone. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#starting;
    await this.#supervision;
    // A start that came through just as we closed.
    await this.#tor?.exited;
    this.#tor = undefined;
  }

  async #launch(): Promise<OnionTor> {
    const onUploaded = () => {
      this.#backoff.reset();
      this.#publish(true);
    };
    this.#tor = await launchTor({ ...this.#deps, onUploaded }, this.#config, this.#closing.signal);
    return this.#tor;
  }

  async #supervise(first: OnionTor): Promise<void> {
    const { log } = this.#deps;
    let tor: OnionTor | undefined = first;
    while (tor) {
      const { how } = await tor.exited;
      this.#tor = undefined;
      this.#publish(false);
      if (this.#closing.signal.aborted) return;
      log.error(`tor has ended (${how}). ${tor.warnings.lastWords}`);
      tor = await this.#startAgain();
    }
  }

  async #startAgain(): Promise<OnionTor | undefined> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        this.#deps.log.info(`starting tor again in ${this.#backoff.nextMs} ms`);
        await this.#backoff.wait(signal);
        return await this.#launch();
      } catch (error) {
        if (!signal.aborted) this.#deps.log.error(sentenceOf(error));
      }
    }
    return undefined;
  }

  #publish(isPublished: boolean): void {
    if (isPublished === this.#isPublished) return;
    this.#isPublished = isPublished;
    this.#deps.log.info(isPublished ? 'the onion service is published' : 'the onion service is down');
    this.publication.publish(isPublished);
  }
}
