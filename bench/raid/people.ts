/** Those who just want to talk. They solve the captchas they are asked for. */
import { setTimeout as delay } from 'node:timers/promises';
import { captchaIn, rightAnswer } from '../../tests/kit/captcha.ts';
import { type Answer, type Door, FormVisitor } from '../../tests/kit/form-visitor.ts';
import { outcomeOf } from './form.ts';

export type TalkFigures = { tried: number; said: number; captchas: number; refused: string[]; ms: number[] };

export const talkMark = 'hello,';

export class Talker implements Disposable {
  readonly #visitor: FormVisitor;
  #said = 0;
  figures: TalkFigures = newFigures();

  constructor(door: Door, circuit: number) {
    this.#visitor = new FormVisitor(door, circuit);
  }

  /** Comes in and says a first thing. */
  async arrive(): Promise<void> {
    await this.#visitor.get('/chat/form');
    await this.say();
  }

  async say(): Promise<void> {
    const nonce = `talk-${process.hrtime.bigint()}`;
    const text = `${talkMark} number ${++this.#said} of ${nonce}`;
    this.figures.tried += 1;
    let answer: Answer = await this.#visitor.post('/chat/form', { nonce, text });
    let { ms } = answer;
    const captchaId = captchaIn(answer.html);
    if (captchaId !== undefined) {
      this.figures.captchas += 1;
      answer = await this.#visitor.post('/chat/form', {
        nonce,
        text,
        captchaId,
        captchaAnswer: rightAnswer,
      });
      ms += answer.ms;
    }
    const outcome = outcomeOf(answer);
    if (outcome === 'said') this.figures.said += 1;
    else this.figures.refused.push(outcome);
    this.figures.ms.push(ms);
  }

  [Symbol.dispose](): void {
    this.#visitor[Symbol.dispose]();
  }
}

export function newFigures(): TalkFigures {
  return { tried: 0, said: 0, captchas: 0, refused: [], ms: [] };
}

/** Each says something every few seconds until the signal aborts. Returns what became of it. */
export async function talk(
  talkers: readonly Talker[],
  everyMs: number,
  signal: AbortSignal,
): Promise<TalkFigures> {
  for (const talker of talkers) talker.figures = newFigures();
  await Promise.all(
    talkers.map(async (talker, index) => {
      const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
      // As if nobody had been told that a new measurement begins.
      await pause(everyMs + (index * everyMs) / talkers.length);
      while (!signal.aborted) {
        await talker.say();
        await pause(everyMs);
      }
    }),
  );
  const all = talkers.map(({ figures }) => figures);
  return {
    tried: sum(all.map(each => each.tried)),
    said: sum(all.map(each => each.said)),
    captchas: sum(all.map(each => each.captchas)),
    refused: all.flatMap(each => each.refused),
    ms: all.flatMap(each => each.ms),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
