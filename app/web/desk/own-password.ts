import type { Session } from '../../moderation/accounts.ts';
import type { Moderation } from '../../moderation/moderation.ts';
import type { Answer } from './answers.ts';
import { type Fields, textOf } from './form.ts';

/** What the form for one's own password does; undefined when another form was sent. */
export async function changeOwnPassword(
  { changePassword }: Pick<Moderation, 'changePassword'>,
  session: Session,
  sent: Fields,
): Promise<Answer | undefined> {
  if (textOf(sent, 'form') !== 'password') return undefined;
  const [oldPassword, newPassword] = [textOf(sent, 'oldPassword'), textOf(sent, 'password')];
  const { sentence } = await changePassword(session, { oldPassword, newPassword });
  return { sentence, lines: [], isError: false };
}
