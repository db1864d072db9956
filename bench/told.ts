import type { z } from 'zod';
import type { Child } from './latency/child.ts';

const maxWaitMs = 120_000;

/** The next message of this shape that a process of ours sends; throws when it ends first, or is silent for two minutes. */
export function told<T>(child: Child, schema: z.ZodType<T>): Promise<T> {
  return new Promise((accept, reject) => {
    child.process.on('message', message => {
      const parsed = schema.safeParse(message);
      if (parsed.success) accept(parsed.data);
    });
    void child.ended.then(() => reject(new Error(`The readers have ended: ${child.lastWords()}`)));
    AbortSignal.timeout(maxWaitMs).addEventListener('abort', () =>
      reject(new Error('The readers are silent.')),
    );
  });
}
