import type { Modes } from '../chat/modes.ts';
import { RecencyMap } from '../chat/recency-map.ts';
import { waitText } from '../chat/refusal.ts';
import { Failure } from '../lib/failure.ts';
import type { Bans } from '../people/bans.ts';
import type { People } from '../people/people.ts';
import type { Filters } from './filters.ts';

type RenamingDeps = {
  people: Pick<People, 'find' | 'nameFrom' | 'rename'>;
  bans: Pick<Bans, 'muteOf'>;
  filters: Pick<Filters, 'apply'>;
  modes: Pick<Modes, 'state'>;
  now: () => number;
};

const maxRenames = 3;
const windowMs = 20_000;
const maxPeople = 20_000;

/** Throws Failure `name-…`, `muted` or `chat-closed`. The name they have already changes nothing. */
export type Rename = (personId: string, text: string) => void;

/** How people change their names themselves: a name stands in everybody's list, so that it is as good as a message. */
export function createRenaming({ people, bans, filters, modes, now }: RenamingDeps): Rename {
  const renamedAtMs = new RecencyMap<readonly number[]>(maxPeople);

  const assertWelcome = (name: string): void => {
    const { matches, isComplete } = filters.apply(name);
    if (matches.length === 0 && isComplete) return;
    throw new Failure('name-filtered', 'A name with these words is not welcome here. Choose another one.');
  };

  return (personId, text) => {
    const name = people.nameFrom(personId, text);
    const person = people.find(personId);
    if (!person || person.name === name) return;
    const mute = bans.muteOf(person);
    if (mute) {
      const when = mute.untilMs === null ? '' : ` Change it ${waitText(mute.untilMs - now())}.`;
      throw new Failure('muted', `You are muted in this chat, and keep your name.${when}`);
    }
    if (person.role === 'viewer' && name !== undefined) {
      if (modes.state.closed) {
        throw new Failure('chat-closed', 'The chat is closed at the moment. Choose a name when it is open.');
      }
      assertWelcome(name);
    }
    const nowMs = now();
    // Those of the future are left by a clock that was set back.
    const lately = (renamedAtMs.get(personId) ?? []).filter(atMs => atMs <= nowMs && atMs > nowMs - windowMs);
    const [first] = lately.slice(-maxRenames);
    if (lately.length >= maxRenames && first !== undefined) {
      const when = waitText(first + windowMs - nowMs);
      throw new Failure('name-wait', `You have just changed your name several times. Do it again ${when}.`);
    }
    people.rename(personId, text);
    renamedAtMs.set(personId, [...lately, nowMs]);
  };
}
