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

  /**
   * `done`, `slow`, or `starved` when others kept the processor, so that the time says nothing about the work.
   */
  run(ms: number, work: () => void): 'done' | 'slow' | 'starved' {
    const before = process.threadCpuUsage();
    this.#globals.work = work;
    try {
      this.#script.runInContext(this.#context, { timeout: ms });
      return 'done';
    } catch (error) {
      if (!isTimeout(error)) throw error;
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1000 > ms / 2 ? 'slow' : 'starved';
    } finally {
      this.#globals.work = undefined;
    }
  }
}

/** It comes from the realm of the context, so that it is no instance of our Error. */
function isTimeout(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
