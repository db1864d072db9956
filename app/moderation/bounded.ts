import { isNativeError } from 'node:util/types';
import { type Context, createContext, Script } from 'node:vm';

/**
 * Runs work that may take too long, and ends it when it does: V8 looks at its watchdog also in the middle of a
 * regular expression, where no other JavaScript runs. The work must own nothing that half of it would leave broken.
 */
export class Bounded {
  readonly #script = new Script('work()');
  readonly #globals: { work: (() => unknown) | undefined } = { work: undefined };
  readonly #context: Context = createContext(this.#globals);

  /** Whether `work` came to its end within `ms`. */
  run(ms: number, work: () => void): boolean {
    this.#globals.work = work;
    try {
      this.#script.runInContext(this.#context, { timeout: ms });
      return true;
    } catch (error) {
      if (!isTimeout(error)) throw error;
      return false;
    } finally {
      this.#globals.work = undefined;
    }
  }
}

/** It comes from the realm of the context, so that it is no instance of our Error. */
function isTimeout(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
