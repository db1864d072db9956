import { Failure } from '../lib/failure.ts';
import type { People } from '../people/people.ts';
import type { Staff } from './staff.ts';

type RolesDeps = Pick<People, 'find' | 'setRole' | 'rename'>;

/** Makes the person what they logged in as; who has no name is called by their account's. */
export function promote(people: RolesDeps, personId: string, { role, name }: Staff): void {
  if (!people.find(personId)) return;
  const person = people.setRole(personId, role);
  if (person.name !== undefined) return;
  try {
    people.rename(personId, role === 'broadcaster' ? 'Broadcaster' : name);
  } catch (error) {
    // A later config.json can close a name to them; then they have none.
    if (!(error instanceof Failure)) throw error;
  }
}

/** Makes the person a viewer again, without a name such as Broadcaster. */
export function demote(people: RolesDeps, personId: string): void {
  if (!people.find(personId)) return;
  const { name } = people.setRole(personId, 'viewer');
  if (name === undefined) return;
  try {
    people.rename(personId, name);
  } catch (error) {
    // Reserved, or too long for a later config.json.
    if (!(error instanceof Failure)) throw error;
    people.rename(personId, '');
  }
}
