import { lookAlike } from './look-alike.ts';
import type { Person } from './person.ts';

type Named = Pick<Person, 'id' | 'name' | 'role'>;

/** The names viewers may not imitate: those reserved by the config, and what broadcaster and moderators go by. */
export class StaffNames {
  readonly #reserved: readonly string[];
  readonly #ofStaff = new Map<string, string>();

  constructor(reserved: readonly string[]) {
    this.#reserved = reserved;
  }

  /** Call it whenever a name or role may have changed. */
  learn({ id, name, role }: Named): void {
    if (role === 'viewer' || name === undefined) this.#ofStaff.delete(id);
    else this.#ofStaff.set(id, name);
  }

  /** Every name that this person may not take or resemble. */
  closedTo({ id, role }: Named): string[] {
    if (role === 'broadcaster') return [];
    const others = [...this.#ofStaff].filter(([staffId]) => staffId !== id);
    return [...this.#reserved, ...others.map(([, name]) => name)];
  }

  /** Whether a viewer has such a name all the same, because they took it before it was closed. */
  isImitatedBy(person: Named): boolean {
    const { name, role } = person;
    if (name === undefined || role !== 'viewer') return false;
    return lookAlike(name, this.closedTo(person)) !== undefined;
  }
}
