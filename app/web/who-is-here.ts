import type { AsShown } from '../chat/as-shown.ts';
import type { Modes } from '../chat/modes.ts';
import { Topic } from '../lib/topic.ts';
import type { Bans } from '../people/bans.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import type { Entry } from './entry.ts';

/** Each list in order of arrival. */
export type Present = Readonly<{ watching: readonly Person[]; chatting: readonly Person[] }>;

// The more people, the longer the list, and the more often it changes: a slow circuit has better things to carry.
const msPerPerson = 100;
const maxEveryMs = 5000;

type WhoIsHereDeps = {
  people: Pick<People, 'list' | 'changes'>;
  bans: Pick<Bans, 'changes'>;
  modes: Pick<Modes, 'changes'>;
  entry: Entry;
  asShown: AsShown;
  now: () => number;
};

/** The people who are in, not only at the door, as everybody is told of them: a change at once, many by and by. */
export class WhoIsHere {
  readonly changes = new Topic<Present>();
  readonly #deps: WhoIsHereDeps;
  #current: Present = { watching: [], chatting: [] };
  #told = '';
  #mayDiffer = true;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: WhoIsHereDeps) {
    this.#deps = deps;
    const mayDiffer = (): void => {
      this.#mayDiffer = true;
    };
    deps.people.changes.subscribe(mayDiffer);
    deps.bans.changes.subscribe(mayDiffer);
    deps.modes.changes.subscribe(mayDiffer);
  }

  /** As told last. */
  get current(): Present {
    return this.#current;
  }

  /** To be called several times a second. */
  tick(): void {
    const nowMs = this.#deps.now();
    const crowd = this.#current.watching.length + this.#current.chatting.length;
    if (!this.#mayDiffer || nowMs - this.#lookedAtMs < Math.min(crowd * msPerPerson, maxEveryMs)) return;
    this.#mayDiffer = false;
    this.#lookedAtMs = nowMs;
    const { people, entry, asShown } = this.#deps;
    const { watching, chatting } = people.list();
    const shown = (list: Person[]) => list.filter(person => entry(person) === undefined).map(asShown);
    const present = { watching: shown(watching), chatting: shown(chatting) };
    const told = JSON.stringify([present.watching.map(looks), present.chatting.map(looks)]);
    if (told === this.#told) return;
    this.#told = told;
    this.#current = present;
    this.changes.publish(present);
  }
}

/** What is seen of a person. */
function looks({ id, name, colour, tripcode, role }: Person): readonly unknown[] {
  return [id, name, colour, tripcode?.text, role];
}
