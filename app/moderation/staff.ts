import type { Role } from '../people/person.ts';

export type StaffRole = Exclude<Role, 'viewer'>;

/** Who logged in: `broadcaster`, or a moderator by the name of their account. */
export type Staff = Readonly<{ role: StaffRole; name: string }>;

/** Who gives a command. `personId`: as whom they are in the chat; undefined in the terminal. */
export type Actor = Staff & Readonly<{ personId?: string | undefined }>;

export const broadcasterName = 'broadcaster';

/** Signs what filters do by themselves. */
export const filtersName = 'filters';

/** Whether `actor` may do what is for `least` and those above. */
export function mayActAs(actor: Pick<Staff, 'role'>, least: StaffRole): boolean {
  return actor.role === 'broadcaster' || least === 'moderator';
}
