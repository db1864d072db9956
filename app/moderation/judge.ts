import type { Filter as TextFilter } from '../chat/submit.ts';
import { Failure, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import type { Bans } from '../people/bans.ts';
import type { Person } from '../people/person.ts';
import type { ActionLog } from './action-log.ts';
import { forHowLong } from './duration.ts';
import type { Filter, Filters } from './filters.ts';
import { filtersName } from './staff.ts';
import { undoOfBan } from './undo.ts';

type JudgeDeps = {
  filters: Filters;
  bans: Pick<Bans, 'add'>;
  actions: ActionLog;
  now: () => number;
  log: Log;
};

/** What the word filters make of a message: the sternest of those that match decides. */
export function createJudge(deps: JudgeDeps, { defaultName }: { defaultName: string }): TextFilter {
  const { filters, bans, actions, now, log } = deps;
  const actor = { name: filtersName };

  const silence = (filter: Filter, person: Person, circuit: string | undefined): string => {
    const { forMs, action } = filter;
    const kind = action === 'ban' ? 'ban' : 'mute';
    const name = `${person.name ?? defaultName} ${person.tag}`;
    const untilMs = forMs === null ? null : now() + forMs;
    const reason = `filter ${filter.id}`;
    const circuits = circuit === undefined ? [] : [circuit];
    const added = bans.add({ kind, person, name, circuits, untilMs, reason, by: filtersName });
    const target = `${name} ${forHowLong(forMs)} (${reason})`;
    actions.record({ actor, action: kind, target, undo: undoOfBan(added) });
    return `That is not said here. You are ${kind === 'ban' ? 'banned' : 'muted'} ${forHowLong(forMs)}.`;
  };

  return (text, person, circuit) => {
    const { matches, text: censored, isComplete } = filters.apply(text);
    if (!isComplete) log.warn('The filters took too long: a message waits for a moderator.');
    const matching = matches.map(({ filter }) => filter);
    const stern =
      matching.find(({ action }) => action === 'ban') ?? matching.find(({ action }) => action === 'mute');
    const hold = !isComplete || matching.some(({ action }) => action === 'hold');
    if (!stern) return { text: censored, hold };
    try {
      return { refusal: silence(stern, person, circuit) };
    } catch (error) {
      // All places for bans are taken: then somebody has to look at it.
      if (!(error instanceof Failure)) throw error;
      log.warn(`A filter could not act: ${sentenceOf(error)}`);
      return { text: censored, hold: true };
    }
  };
}
