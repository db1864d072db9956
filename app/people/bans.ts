import { randomBytes } from 'node:crypto';
import { Failure } from '../lib/failure.ts';
import { Topic } from '../lib/topic.ts';
import type { PeopleConfig } from './config.ts';
import type { Person } from './person.ts';
import { Probation, type ProbationTerms } from './probation.ts';
import type { BanRow, BanStore } from './store.ts';

/** `mute`: may read, not write. `ban`: may do neither. */
export type Ban = Readonly<BanRow>;
export type BanEvent = { type: 'banned' | 'lifted' | 'expired'; ban: Ban };

type Subject = Pick<Person, 'id' | 'tripcode' | 'role'>;

export type BanOrder = {
  kind: Ban['kind'];
  person: Subject;
  /** Others than their own that it holds for as well. */
  tripcodes?: readonly string[];
  /** Of the bans of that kind that the person has, those whose place it takes; all of them if left out. */
  replaces?: (ban: Ban) => boolean;
  /** Of anybody's bans, those that make room for it when all places are taken, the oldest first; none if left out. */
  outranks?: (ban: Ban) => boolean;
  /** As it is shown. */
  name: string;
  /** The circuits they came by, if known: whoever else comes by them is on probation. */
  circuits?: readonly string[];
  /** null: for good. */
  untilMs: number | null;
  reason: string;
  by: string;
};

/**
 * `bans`: at least one, and another for each further tripcode. `replaced`: those in force until then; `displaced`: those
 * of others that made room.
 */
export type AddedBans = Readonly<{
  bans: readonly [Ban, ...Ban[]];
  replaced: readonly Ban[];
  displaced: readonly Ban[];
}>;

// Nobody takes all places by writing under a new one each time.
const maxTripcodes = 10;

/** Who is banned or muted, by person and by tripcode. What is added or lifted is durable when the call returns. */
export class Bans {
  readonly changes = new Topic<BanEvent>();
  readonly #store: BanStore;
  readonly #now: () => number;
  readonly #max: number;
  readonly #probation: Probation;
  readonly #bans = new Map<string, Ban>();
  readonly #bySubject = new Map<string, Set<Ban>>();

  constructor({ store, now }: { store: BanStore; now: () => number }, config: PeopleConfig['bans']) {
    this.#store = store;
    this.#now = now;
    this.#max = config.max;
    this.#probation = new Probation({ now }, config);
    for (const row of store.all()) this.#hold(row);
  }

  /**
   * Throws Failure `ban-broadcaster` or `bans-full`. A new ban of a person replaces their last of that kind, and holds for
   * the tripcodes that one held for.
   */
  add(order: BanOrder): AddedBans {
    const { kind, person, tripcodes = [], circuits = [] } = order;
    const { replaces = () => true, outranks = () => false } = order;
    if (person.role === 'broadcaster') {
      throw new Failure('ban-broadcaster', 'The broadcaster can’t be banned or muted. Choose someone else.');
    }
    const ofPerson = [...(this.#bySubject.get(personKey(kind, person.id)) ?? [])];
    const replaced = ofPerson.filter(ban => this.#isInForce(ban) && replaces(ban));
    const theirs = [person.tripcode?.text, ...tripcodes, ...replaced.map(ban => ban.tripcode)];
    const [first = null, ...others] = new Set(theirs.flatMap(text => text ?? []));
    const further = others.slice(0, maxTripcodes - 1);
    const tooMany = this.#bans.size - replaced.length + 1 + further.length - this.#max;
    const makeRoom = (ban: Ban): boolean => outranks(ban) && !replaced.includes(ban);
    const displaced = tooMany > 0 ? this.list().filter(makeRoom).slice(0, tooMany) : [];
    if (tooMany > displaced.length) {
      throw new Failure(
        'bans-full',
        `All ${this.#max} bans are in use. Lift some, or raise people.bans.max.`,
        {
          max: this.#max,
        },
      );
    }
    const ofStaff = person.role !== 'viewer' || replaced.some(ban => ban.ofStaff);
    const ban = this.#newBan(order, first, ofStaff);
    const bans = [ban, ...further.map(text => this.#newBan(order, text, ofStaff))] as const;
    // In this order: if we die in between there is a ban too many, never one too few.
    for (const each of bans) this.#store.save(each);
    this.#release([...replaced, ...displaced]);
    for (const each of bans) this.#hold(each);
    if (kind === 'ban') for (const circuit of circuits) this.#probation.begin(circuit);
    for (const each of displaced) this.changes.publish({ type: 'lifted', ban: each });
    for (const each of bans) this.changes.publish({ type: 'banned', ban: each });
    return { bans, replaced, displaced };
  }

  /** The ban in force that ends last, or undefined. */
  banOf(person: Subject): Ban | undefined {
    return this.#longest('ban', person);
  }

  /** The mute in force that ends last, or undefined. A ban is no mute: ask for both. */
  muteOf(person: Subject): Ban | undefined {
    return this.#longest('mute', person);
  }

  isBanned(person: Subject): boolean {
    return this.banOf(person) !== undefined;
  }

  isMuted(person: Subject): boolean {
    return this.muteOf(person) !== undefined;
  }

  /** What someone who came by this circuit must do before they may write, or undefined. */
  probation(person: Person, circuit: string | undefined): ProbationTerms | undefined {
    return circuit === undefined ? undefined : this.#probation.termsFor(person, circuit);
  }

  /** The circuit of somebody banned was closed. */
  circuitClosed(): void {
    this.#probation.closed();
  }

  /** Tor was started anew: the same numbers are now others' circuits. */
  forgetCircuits(): void {
    this.#probation.forgetCircuits();
  }

  /** Bans and mutes in force, oldest first. */
  list(): Ban[] {
    return [...this.#bans.values()].filter(ban => this.#isInForce(ban));
  }

  /** Ends a ban; throws Failure `ban-unknown`. */
  lift(id: string): Ban {
    const ban = this.#bans.get(id);
    if (ban === undefined) {
      throw new Failure('ban-unknown', `There is no ban ${id}; it may have ended. Load the list anew.`, {
        id,
      });
    }
    this.#release([ban]);
    this.changes.publish({ type: 'lifted', ban });
    return ban;
  }

  /** Puts a ban back in force that was lifted or replaced, as it was. */
  restore(ban: Ban): void {
    if (this.#bans.has(ban.id)) return;
    this.#store.save(ban);
    this.#hold(ban);
    this.changes.publish({ type: 'banned', ban });
  }

  /** Forgets what is over; call it about once a second. */
  sweep(): void {
    this.#probation.sweep();
    const expired = [...this.#bans.values()].filter(ban => !this.#isInForce(ban));
    this.#release(expired);
    for (const ban of expired) this.changes.publish({ type: 'expired', ban });
  }

  #newBan(order: BanOrder, tripcode: string | null, ofStaff: boolean): Ban {
    const { kind, person, name, reason, by, untilMs } = order;
    const id = randomBytes(8).toString('hex');
    const atMs = this.#now();
    return { id, kind, personId: person.id, tripcode, ofStaff, name, reason, by, atMs, untilMs };
  }

  #longest(kind: Ban['kind'], person: Subject): Ban | undefined {
    // Who was banned as a viewer and then logs in must not be locked out of their own site.
    if (person.role === 'broadcaster') return undefined;
    let longest: Ban | undefined;
    for (const ban of this.#of(kind, person)) {
      if (this.#isInForce(ban) && (longest === undefined || endOf(ban) > endOf(longest))) longest = ban;
    }
    return longest;
  }

  *#of(kind: Ban['kind'], { id, tripcode, role }: Subject): Iterable<Ban> {
    // Else any moderator could shut another one out by what those once wrote without having logged in.
    const text = role === 'viewer' ? (tripcode?.text ?? null) : null;
    for (const subject of subjectsOf(kind, id, text)) {
      yield* this.#bySubject.get(subject) ?? [];
    }
  }

  #isInForce(ban: Ban): boolean {
    return endOf(ban) > this.#now();
  }

  #hold(ban: Ban): void {
    this.#bans.set(ban.id, ban);
    for (const subject of subjectsOf(ban.kind, ban.personId, ban.tripcode)) {
      const bans = this.#bySubject.get(subject) ?? new Set();
      this.#bySubject.set(subject, bans.add(ban));
    }
  }

  #release(bans: readonly Ban[]): void {
    if (bans.length > 0) this.#store.delete(bans.map(ban => ban.id));
    for (const ban of bans) {
      this.#bans.delete(ban.id);
      for (const subject of subjectsOf(ban.kind, ban.personId, ban.tripcode)) {
        const others = this.#bySubject.get(subject);
        others?.delete(ban);
        if (others?.size === 0) this.#bySubject.delete(subject);
      }
    }
  }
}

export function endOf(ban: Ban): number {
  return ban.untilMs ?? Number.POSITIVE_INFINITY;
}

/** The keys a ban is found by. */
function subjectsOf(kind: Ban['kind'], personId: string | null, tripcode: string | null): string[] {
  return [
    ...(personId === null ? [] : [personKey(kind, personId)]),
    ...(tripcode === null ? [] : [`${kind} tripcode ${tripcode}`]),
  ];
}

function personKey(kind: Ban['kind'], personId: string): string {
  return `${kind} person ${personId}`;
}
