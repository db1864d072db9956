import type { Answer } from '../../tests/kit/form-visitor.ts';
import { noticeIn, unescapeHtml } from '../../tests/kit/text-browser.ts';

export type Form = { action: string; hidden: Record<string, string> };

/** The form with a field of this name: where it posts to, and what it sends along unseen. */
export function formWith(html: string, field: string): Form | undefined {
  const forms = html.split('<form').map(each => each.split('</form')[0] ?? '');
  const form = forms.find(each => each.includes(`name="${field}"`));
  const action = form && /action="([^"]*)"/.exec(form)?.[1];
  if (!form || action === undefined) return undefined;
  const inputs = form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  const hidden = [...inputs].map(([, name = '', value = '']) => [name, unescapeHtml(value)]);
  return { action: unescapeHtml(action), hidden: Object.fromEntries(hidden) };
}

/** What became of a message that was posted by the form: `said`, `held`, or the sentence of the refusal. */
export function outcomeOf({ status, html }: Answer): string {
  if (status === 303) return 'said';
  const notice = noticeIn(html);
  return notice.includes('waits for a moderator') ? 'held' : notice;
}
