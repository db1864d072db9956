import { isMember } from '../people/access.ts';
import type { Person } from '../people/person.ts';
import type { ModesState } from './modes.ts';
import type { Room } from './room.ts';

const looksBackAt = 8;

/**
 * Whether nobody knows them here yet: none of their last messages is shown. Under attack also who began to write only
 * when it had begun, until a message of theirs was let in since. Members are known.
 */
export function isNewcomer(
  person: Person,
  { room, since }: { room: Pick<Room, 'ofPerson'>; since: ModesState['newcomersSince'] },
): boolean {
  if (person.role !== 'viewer' || isMember(person)) return false;
  const shown = room.ofPerson(person.id, looksBackAt).filter(({ hidden }) => !hidden);
  if (shown.length === 0) return true;
  if (since === null) return false;
  const wroteBefore = person.wroteAtMs !== undefined && person.wroteAtMs < since.atMs;
  return !wroteBefore && !shown.some(({ number }) => number > since.number);
}
