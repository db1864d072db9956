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
  people: Pick<People, 'setMember' | 'changes' | 'find' | 'list'>;
  invitations: Pick<Invitations, 'redeem' | 'check'>;
  members: MemberStore;
  store: SettingStore;
  now: () => number;
};

const saved = z.array(z.object({ tripcode: z.string(), note: z.string(), by: z.string(), atMs: z.number() }));
const key = 'club';
const maxTripcodes = 1000;

/** Who is a member: by invitation, by hand, or by a tripcode on the list. Outlives a restart. */
export class Club {
  readonly #deps: ClubDeps;
  readonly #tripcodes: Map<string, AllowedTripcode>;

  constructor(deps: ClubDeps) {
    this.#deps = deps;
    const { data = [] } = saved.safeParse(JSON.parse(deps.store.get(key) ?? '[]'));
    this.#tripcodes = new Map(data.map(allowed => [allowed.tripcode, allowed]));
    deps.people.changes.subscribe(event => {
      // Not within the change that is being told: others are told of it before the next.
      if (event.type === 'changed' && this.#isDue(event.person))
        queueMicrotask(() => this.#admit(event.person.id));
    });
  }

  /** In order of joining. */
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

  /** Returns whether that changed anything. Throws Failure `person-unknown`. */
  setMember(personId: string, isMember: boolean): boolean {
    const wasMember = this.#deps.people.find(personId)?.memberSinceMs !== undefined;
    this.#deps.people.setMember(personId, isMember);
    return wasMember !== isMember;
  }

  /** Whoever has this tripcode, now or later, is a member. Throws Failure `tripcodes-full`. */
  allowTripcode(order: { tripcode: string; note: string; by: string }): boolean {
    if (this.#tripcodes.has(order.tripcode)) return false;
    if (this.#tripcodes.size >= maxTripcodes) {
      throw new Failure(
        'tripcodes-full',
        `There are ${maxTripcodes} tripcodes on the list; remove some first.`,
      );
    }
    this.#keep(new Map(this.#tripcodes).set(order.tripcode, { ...order, atMs: this.#deps.now() }));
    for (const person of Object.values(this.#deps.people.list()).flat()) {
      if (this.#isDue(person)) this.#admit(person.id);
    }
    return true;
  }

  /** Also ends the membership of everyone who has it. */
  forbidTripcode(tripcode: string): boolean {
    if (!this.#tripcodes.has(tripcode)) return false;
    const others = new Map(this.#tripcodes);
    others.delete(tripcode);
    this.#keep(others);
    for (const member of this.members()) {
      if (member.tripcode === tripcode) this.#deps.people.setMember(member.id, false);
    }
    return true;
  }

  #isDue({ tripcode, memberSinceMs }: Person): boolean {
    return memberSinceMs === undefined && tripcode !== undefined && this.#tripcodes.has(tripcode.text);
  }

  #admit(personId: string): void {
    const person = this.#deps.people.find(personId);
    if (person && this.#isDue(person)) this.#deps.people.setMember(personId, true);
  }

  #keep(tripcodes: ReadonlyMap<string, AllowedTripcode>): void {
    this.#deps.store.set(key, JSON.stringify([...tripcodes.values()]));
    this.#tripcodes.clear();
    for (const [tripcode, allowed] of tripcodes) this.#tripcodes.set(tripcode, allowed);
  }
}

function memberOf({ id, name, tripcode, memberSinceMs }: MemberRow): Member {
  return { id, name: name ?? undefined, tripcode: tripcode ?? undefined, sinceMs: memberSinceMs ?? 0 };
}

function forModerators(): Failure {
  return new Failure('invitation-unknown', 'This invitation is for moderators, not for members.');
}
