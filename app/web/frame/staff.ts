/**
 * What only staff's documents of the live column hold: a form around everything, a box to tick and a menu at each
 * message, a button at each person. Nobody else is sent any of it. The presses lead to web/moderate/.
 */
import type { Author, Message } from '../../chat/message.ts';
import type { StaffRole } from '../../moderation/staff.ts';
import type { Role } from '../../people/person.ts';
import { type Act, acts } from '../moderate/acts.ts';

/** Whether staff of this role has anything to do with people of that one. */
function isBelow(role: Role, actor: StaffRole): boolean {
  return role === 'viewer' || (role === 'moderator' && actor === 'broadcaster');
}

/** There are many of these: no byte more than they need. Which of the two about the message is shown, rules say. */
function buttonHtml({ id, label, about }: Act, number: number): string {
  const named = about === 'messages' ? ` class="act-${id}"` : '';
  return `<button${named} name=do value="${id} ${number}">${label}</button>`;
}

/** What may be done about a message, all of it without a further request; what is for good takes one press more. */
function menuHtml({ number, kind, author }: Message, actor: StaffRole): string {
  const offered = acts.filter(
    ({ about }) => about === 'messages' || (kind === 'said' && isBelow(author.role, actor)),
  );
  const buttons = (wanted: readonly Act[]): string => wanted.map(act => buttonHtml(act, number)).join(' ');
  const grave = offered.filter(({ isGrave }) => isGrave);
  const forGood =
    grave.length === 0 ? '' : `<details><summary>For good…</summary>${buttons(grave)}</details>`;
  const rest = buttons(offered.filter(({ isGrave }) => !isGrave));
  return `<details class="acts"><summary aria-label="Moderate ${number}">⋯</summary><div>${rest}${forGood}</div></details>`;
}

/** `html`: the message as everybody has it. */
export function staffRow(message: Message, html: string, actor: StaffRole): string {
  const { number, hidden } = message;
  const box = `<input class="pick" type="checkbox" name="n" value="${number}" aria-label="Select ${number}">`;
  return `<div class="row${hidden ? ' veiled' : ''}" id="r${number}">${box}${html.trimEnd()}${menuHtml(message, actor)}</div>\n`;
}

/** The rule that says of messages in a staff's document whether they are hidden. */
export function veilRule(numbers: readonly number[], isHidden: boolean): string {
  const selectors = numbers.map(number => `#r${number}`).join();
  return isHidden
    ? `${selectors}{--struck:line-through;--dim:.55;--word:" (hidden)";--hide:none;--unhide:inline-block}`
    : `${selectors}{--struck:none;--dim:1;--word:none;--hide:inline-block;--unhide:none}`;
}

/** Stands at a person in the list of who is here. */
export function staffPerson({
  personId,
  role,
  name,
  tag,
}: Pick<Author, 'personId' | 'role' | 'name' | 'tag'>): string {
  if (role === 'broadcaster') return '';
  const label = name === undefined ? tag : 'this person';
  return ` <button class="person-open" name="do" value="people ${personId}" aria-label="Moderate ${label}">⋯</button>`;
}
