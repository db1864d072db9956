import { z } from 'zod';
import type { ActionLog } from '../action-log.ts';
import { type Command, command, type Json, nothing } from '../command.ts';
import { forHowLong, timeLike } from '../duration.ts';
import type { Filter, FilterResult, Filters } from '../filters.ts';
import { optional, shortText, time, wholeNumber } from '../inputs.ts';

export type FilterDeps = { filters: Filters; log: ActionLog };

const group = 'Filters';
const kind = z.enum(['word', 'regex'], { error: 'word or regex is wanted' });
const action = z.enum(['hold', 'censor', 'mute', 'ban'], { error: 'hold, censor, mute or ban is wanted' });
const pattern = z.string({ error: 'the pattern is missing' }).min(1, 'the pattern is missing').max(1000);
const text = shortText(16_384, 'the text');
const defaultMuteMs = 10 * 60_000;

export function filterCommands({ filters, log }: FilterDeps): Command[] {
  return [
    command({
      name: 'filters',
      usage: 'filters',
      help: 'Lists the word filters.',
      group,
      who: 'moderator',
      input: nothing,
      run() {
        const all = filters.list();
        return {
          sentence: all.length === 0 ? 'There is no filter.' : `${all.length} filters:`,
          lines: all.map(filterLine),
          data: all.map(filter => ({ ...filter })),
        };
      },
    }),
    command({
      name: 'filters add',
      usage: 'filters add word|regex hold|censor|mute|ban [TIME] PATTERN',
      help: 'Does something about messages with a word, however disguised (with * also inside words), or that match a regular expression.',
      group,
      who: 'broadcaster',
      words: [
        { field: 'kind', kind: 'word' },
        { field: 'action', kind: 'word' },
        { field: 'time', kind: 'word', like: timeLike },
        { field: 'pattern', kind: 'rest' },
      ],
      input: z.object({ kind, action, time: optional(time), pattern }),
      run({ kind, action, time, pattern }, actor) {
        const forMs = time ?? (action === 'mute' && time === undefined ? defaultMuteMs : null);
        const filter = filters.add({ kind, action, pattern, forMs, by: actor.name });
        const undo = { type: 'remove-filter', id: filter.id } as const;
        const logged = log.record({ actor, action: 'filters add', target: filterLine(filter), undo });
        return { sentence: `Filter ${filterLine(filter)} is on.`, data: { ...filter }, logged };
      },
    }),
    command({
      name: 'filters remove',
      usage: 'filters remove N',
      help: 'Removes a filter.',
      group,
      who: 'broadcaster',
      words: [{ field: 'id', kind: 'word' }],
      input: z.object({ id: wholeNumber }),
      run({ id }, actor) {
        const filter = filters.remove(id);
        const undo = { type: 'restore-filter', filter } as const;
        const logged = log.record({ actor, action: 'filters remove', target: filterLine(filter), undo });
        return { sentence: `Filter ${id} is removed.`, data: { id }, logged };
      },
    }),
    command({
      name: 'filters test',
      usage: 'filters test TEXT',
      help: 'Tells which filters match a text, and what would come of it.',
      group,
      who: 'moderator',
      words: [{ field: 'text', kind: 'rest' }],
      // The desk tries a filter before it is saved.
      input: z.object({ text, kind: optional(kind), action: optional(action), pattern: optional(pattern) }),
      run({ text, kind = 'word', action = 'hold', pattern }, actor) {
        const order = { kind, action, forMs: null, by: actor.name };
        const result = pattern === undefined ? filters.apply(text) : filters.try({ ...order, pattern }, text);
        return {
          sentence: verdictOf(result),
          lines: result.matches.map(each => filterLine(each.filter)),
          data: resultJson(result),
        };
      },
    }),
  ];
}

function verdictOf({ matches, text, isComplete }: FilterResult): string {
  if (!isComplete) return 'The filters take too long on this text; it would wait for a moderator.';
  if (matches.length === 0) return 'No filter matches.';
  const censored = matches.some(({ filter }) => filter.action === 'censor') ? ` It would read: ${text}` : '';
  const actions = [...new Set(matches.map(({ filter }) => filter.action))];
  const count = matches.length === 1 ? 'One filter matches' : `${matches.length} filters match`;
  return `${count}: ${actions.join(', ')}.${censored}`;
}

function resultJson({ matches, text, isComplete }: FilterResult): Json {
  return {
    matches: matches.map(({ filter, stretches }) => ({
      id: filter.id,
      action: filter.action,
      stretches: stretches.map(({ start, end }) => ({ start, end })),
    })),
    text,
    isComplete,
  };
}

/** `3 word mute for 10m: bad` */
export function filterLine({ id, kind, pattern, action, forMs, suspendedAtMs }: Filter): string {
  const how = action === 'mute' || action === 'ban' ? ` ${forHowLong(forMs)}` : '';
  return `${id} ${kind} ${action}${how}: ${pattern}${suspendedAtMs === null ? '' : ' (off: it can’t be used any more)'}`;
}
