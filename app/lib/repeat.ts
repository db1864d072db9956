import { sentenceOf } from './failure.ts';
import type { Log } from './log.ts';

/**
 * Does `works` every `everyMs`, in their order. One that throws (a full disk, say) holds up neither the others nor its own
 * next turn: that is logged, once for as long as it says the same.
 */
export function repeat(works: readonly (() => void)[], everyMs: number, log: Log): Disposable {
  const said = new Map<() => void, string>();
  const timer = setInterval(() => {
    for (const work of works) {
      try {
        work();
        if (said.delete(work)) log.info('What failed works again.');
      } catch (error) {
        const sentence = sentenceOf(error);
        if (said.get(work) !== sentence) log.error(`${sentence} It is tried again and again.`);
        said.set(work, sentence);
      }
    }
  }, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
