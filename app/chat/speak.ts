import type { CaptchaPool } from '../people/captcha/pool.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import type { Refusal } from './refusal.ts';
import type { Draft, Submit, SubmitResult } from './submit.ts';

/** A draft with the answer to the captcha that came with the last refusal, if there was one. */
export type Speech = {
  person: Person;
  draft: Draft;
  captcha: { id: string; answer: string } | undefined;
  circuit: string | undefined;
};

/** A refusal that asks for a captcha brings a new one along. */
export type SpeakResult = Exclude<SubmitResult, Refusal> | (Refusal & { captchaId?: string });

export type Speak = (speech: Speech) => Promise<SpeakResult>;

type SpeakDeps = {
  submit: Submit;
  captchas: Pick<CaptchaPool, 'issue' | 'solve'>;
  people: Pick<People, 'passedCaptcha' | 'find'>;
};

const wrongAnswer = 'That is not what the picture shows. Try this one.';
const lateAnswer = 'That captcha has expired. Try this one.';

/** Submits a draft, with its captcha solved first: what the form and the socket both do. */
export function createSpeak({ submit, captchas, people }: SpeakDeps): Speak {
  return async ({ person, draft, captcha, circuit }) => {
    const verdict = captcha && captchas.solve(captcha.id, captcha.answer);
    if (verdict === 'solved') people.passedCaptcha(person.id);
    // Also after a wrong answer: what was sent before with the same nonce is there, and needs no captcha any more.
    const result = await submit(draft, people.find(person.id) ?? person, { circuit });
    if (result.ok || result.needs !== 'captcha') return result;
    const captchaId = captchas.issue(person.id).id;
    if (result.reason !== 'captcha' || verdict === undefined || verdict === 'solved')
      return { ...result, captchaId };
    return { ...result, captchaId, sentence: verdict === 'wrong' ? wrongAnswer : lateAnswer };
  };
}
