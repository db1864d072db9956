import type { Actor } from '../../moderation/staff.ts';
import { isMember } from '../../people/access.ts';
import type { Person } from '../../people/person.ts';
import type { ViewDeps } from './pages.ts';

export type Here = Readonly<{
  id: string;
  name: string;
  tag: string;
  tripcode: string;
  role: Person['role'];
  where: 'watching' | 'in the chat' | 'left';
  isMember: boolean;
  isMuted: boolean;
  isBanned: boolean;
  /** Whether the actor may do something about them. */
  canAct: boolean;
}>;

// More can't be looked through; the search finds the others.
const maxShown = 200;

/** Who is here, those who came last first: an attack comes last. `wanted`: a part of a name, tag, id or tripcode. */
export function whoIsHere({ people, bans, defaultName }: ViewDeps, actor: Actor, wanted: string) {
  const { watching, chatting, gone } = people.list();
  const folded = wanted.trim().toLowerCase();
  const told = (where: Here['where']) => (person: Person) => ({
    id: person.id,
    name: person.name ?? defaultName,
    tag: person.tag,
    tripcode: person.tripcode?.text ?? '',
    role: person.role,
    where,
    isMember: isMember(person),
    isMuted: bans.muteOf(person) !== undefined,
    isBanned: bans.banOf(person) !== undefined,
    canAct: canAct(actor, person),
  });
  const all: Here[] = [
    ...watching.toReversed().map(told('watching')),
    ...chatting.toReversed().map(told('in the chat')),
    // Those who have left are found, but not in the way.
    ...(folded === '' ? [] : gone.toReversed().map(told('left'))),
  ];
  const found = all.filter(({ id, name, tag, tripcode }) =>
    [name, tag, id, tripcode].some(text => text.toLowerCase().includes(folded)),
  );
  return {
    watching: watching.length,
    chatting: chatting.length,
    shown: found.slice(0, maxShown),
    more: Math.max(0, found.length - maxShown),
  };
}

/** The rule of moderation/targets.ts, so that no button is shown that would be refused. */
function canAct(actor: Actor, { id, role }: Person): boolean {
  return (
    id !== actor.personId && (role === 'viewer' || (role === 'moderator' && actor.role === 'broadcaster'))
  );
}
