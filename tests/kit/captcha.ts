import type { Community } from '../../app/composition/community.ts';

/** What solves every captcha of a server that was made `solvable`. */
export const rightAnswer = 'the right letters';

/** Nobody can read the pictures in a test. Captchas live and die as they do; only the answer is another. */
export function makeSolvable({ captchas }: Pick<Community, 'captchas'>): void {
  const solve = captchas.solve.bind(captchas);
  captchas.solve = (...[id, answer, ...more]: Parameters<typeof solve>) => {
    const verdict = solve(id, answer, ...more);
    return verdict === 'wrong' && answer === rightAnswer ? 'solved' : verdict;
  };
}

export function captchaIn(html: string): string | undefined {
  return /name="captchaId" value="([^"]+)"/.exec(html)?.[1];
}
