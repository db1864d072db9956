import { z } from 'zod';
import { Failure } from '../lib/failure.ts';
import type { Invitations } from '../people/invitations.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import type { MemberRow, MemberStore, SettingStore } from './store.ts';

/** A tripcode whose holders are members. */
export type AllowedTripcode = Readonly<{ tripcode: string; note: string; by: string; atMs: number }>;

export type Member = Readonly<{
  id: string;
  name: string | undefined;
  tripcode: string | undefined;
  sinceMs: number;
}>;

type ClubDeps = {
  people: Pick<People, 'setMember' | 'setMembersTripcodes' | 'find'>;
  invitations: Pick<Invitations, 'redeem' | 'check'>;
  members: MemberStore;
  store: SettingStore;
  now: () => number;
};

const saved = z.array(z.object({ tripcode: z.string(), note: z.string(), by: z.string(), atMs: z.number() }));
const key = 'club';
const maxTripcodes = 1000;

/**
 * Who is a member: by themselves, as invitation or staff made them one, or for as long as they have a tripcode on the
 * list. Outlives a restart.
 */
export class Club {
  readonly #deps: ClubDeps;
  readonly #tripcodes: Map<string, AllowedTripcode>;

  constructor(deps: ClubDeps) {
    this.#deps = deps;
    const { data = [] } = saved.safeParse(JSON.parse(deps.store.get(key) ?? '[]'));
    this.#tripcodes = new Map(data.map(allowed => [allowed.tripcode, allowed]));
    deps.people.setMembersTripcodes(this.#tripcodes.keys());
  }

  /** Those who are it by themselves, in order of joining. */
  members(): Member[] {
    return this.#deps.members.members().map(memberOf);
  }

  /** In the order they were added. */
  tripcodes(): AllowedTripcode[] {
    return [...this.#tripcodes.values()];
  }

  /** Whether a member's invitation can still be used by this person. Throws Failure `invitation-…`. */
  checkInvitation(token: string, personId: string): void {
    const { grants } = this.#deps.invitations.check(token, personId);
    if (grants !== 'member') throw forModerators();
  }

  /** Makes the person a member. Throws Failure `invitation-…`. */
  redeem(token: string, personId: string): Person {
    this.checkInvitation(token, personId);
    this.#deps.invitations.redeem(token, personId);
    return this.#deps.people.setMember(personId, true);
  }

  /** The tripcode on the list that this person has now. */
  listedTripcodeOf(personId: string): string | undefined {
    const person = this.#deps.people.find(personId);
    return person?.hasMembersTripcode ? person.tripcode?.text : undefined;
  }

  /** By themselves; returns whether that changed anything. Throws Failure `person-unknown`. */
  setMember(personId: string, isMember: boolean): boolean {
    const wasMember = this.#deps.people.find(personId)?.memberSinceMs !== undefined;
    this.#deps.people.setMember(personId, isMember);
    return wasMember !== isMember;
  }

  /** Whoever has this tripcode, now or later, is a member while they have it. Throws Failure `tripcodes-full`. */
  allowTripcode(order: { tripcode: string; note: string; by: string }): boolean {
    if (this.#tripcodes.has(order.tripcode)) return false;
    if (this.#tripcodes.size >= maxTripcodes) {
      throw new Failure(
        'tripcodes-full',
        `There are ${maxTripcodes} tripcodes on the list; remove some first.`,
      );
    }
    this.#keep(new Map(this.#tripcodes).set(order.tripcode, { ...order, atMs: this.#deps.now() }));
    return true;
  }

  /** Who has it is no member any more, unless by themselves. */
  forbidTripcode(tripcode: string): boolean {
    if (!this.#tripcodes.has(tripcode)) return false;
    const others = new Map(this.#tripcodes);
    others.delete(tripcode);
    this.#keep(others);
    return true;
  }

  #keep(tripcodes: ReadonlyMap<string, AllowedTripcode>): void {
    this.#deps.store.set(key, JSON.stringify([...tripcodes.values()]));
    this.#tripcodes.clear();
    for (const [tripcode, allowed] of tripcodes) this.#tripcodes.set(tripcode, allowed);
    this.#deps.people.setMembersTripcodes(this.#tripcodes.keys());
  }
}

function memberOf({ id, name, tripcode, memberSinceMs }: MemberRow): Member {
  return { id, name: name ?? undefined, tripcode: tripcode ?? undefined, sinceMs: memberSinceMs ?? 0 };
}

function forModerators(): Failure {
  return new Failure('invitation-unknown', 'This invitation is for moderators, not for members.');
}
