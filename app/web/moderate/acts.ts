/**
 * What staff does to messages and people from the chat itself, a press each. Every one of them is a command of
 * moderation's one table, which decides whether it may be done; here are only the words on the buttons.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Room } from '../../chat/room.ts';
import { codeOf, Failure, sentenceOf } from '../../lib/failure.ts';
import type { CommandResult } from '../../moderation/command.ts';
import type { Commands } from '../../moderation/commands.ts';
import { maxNumbers } from '../../moderation/inputs.ts';
import type { Actor } from '../../moderation/staff.ts';

export type Act = Readonly<{
  id: string;
  label: string;
  about: 'messages' | 'people';
  /** Names of commands; of several those are given that there is something to do for. */
  commands: readonly string[];
  /** As the command takes it. */
  time?: string;
  /** Not to be pressed by mistake. */
  isGrave?: true;
}>;

export const acts: readonly Act[] = [
  { id: 'hide', label: 'Hide', about: 'messages', commands: ['hide'] },
  { id: 'unhide', label: 'Show again', about: 'messages', commands: ['unhide'] },
  { id: 'hide-all', label: 'Hide all of theirs', about: 'people', commands: ['hide-all'] },
  { id: 'mute-10m', label: 'Mute 10 min', about: 'people', commands: ['mute'], time: '10m' },
  { id: 'mute-1h', label: 'Mute 1 h', about: 'people', commands: ['mute'], time: '1h' },
  { id: 'ban-1h', label: 'Ban 1 h', about: 'people', commands: ['ban'], time: '1h' },
  { id: 'ban-1d', label: 'Ban 1 day', about: 'people', commands: ['ban'], time: '1d' },
  { id: 'lift', label: 'Unmute, unban', about: 'people', commands: ['unmute', 'unban'] },
  {
    id: 'ban-good',
    label: 'Ban for good',
    about: 'people',
    commands: ['ban'],
    time: 'forever',
    isGrave: true,
  },
  {
    id: 'ban-purge',
    label: 'Ban and purge',
    about: 'people',
    commands: ['ban-purge'],
    time: 'forever',
    isGrave: true,
  },
];

/** Messages by their numbers, people by their ids or as the authors of messages. */
export type Chosen = Readonly<{ numbers: readonly number[]; personIds: readonly string[] }>;

/** `undo`: what the command undo takes to make it as it was; empty when that can't be. */
export type Done = Readonly<{ ok: boolean; sentence: string; undo: readonly number[] }>;

/** As many as the command hide takes, and more than a page with JavaScript holds. */
export const maxChosen = maxNumbers;
/** What was done to each of those may be two actions: to unmute and to unban. */
export const maxUndone = 2 * maxChosen;
// More sentences than this nobody reads.
const maxTold = 3;

export type Moderate = Readonly<{
  /** Whom the chosen people and messages are: ids, each once. */
  peopleOf(chosen: Chosen): string[];
  /** Does an act; the answer says, for people, what was done and what was refused. */
  act(id: string, chosen: Chosen, actor: Actor): Promise<Done>;
  undo(ids: readonly number[], actor: Actor): Promise<Done>;
}>;

export function createModerate(deps: { commands: Commands; room: Pick<Room, 'find'> }): Moderate {
  const { commands, room } = deps;

  function peopleOf({ numbers, personIds }: Chosen): string[] {
    const authors = numbers.flatMap(number => room.find(number)?.author.personId ?? []);
    return [...new Set([...personIds, ...authors])];
  }

  async function attempt(run: () => Promise<CommandResult>): Promise<Done & { code?: string | undefined }> {
    try {
      const { sentence, logged } = await run();
      return { ok: true, sentence, undo: logged?.canUndo ? [logged.id] : [] };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { ok: false, sentence: sentenceOf(error), undo: [], code: codeOf(error) };
    }
  }

  async function toPerson({ commands: names, time }: Act, person: string, actor: Actor): Promise<Done[]> {
    const fields = time === undefined ? { person } : { person, time };
    const results = [];
    for (const name of names) results.push(await attempt(() => commands.run(name, fields, actor)));
    const done = results.filter(({ ok }) => ok);
    if (done.length > 0 || names.length === 1) return done.length > 0 ? done : results;
    const isFree = results.every(({ code }) => code === 'ban-unknown');
    const free = { ok: false, sentence: 'They are neither muted nor banned.', undo: [] };
    return isFree ? [free] : results.filter(({ code }) => code !== 'ban-unknown').slice(0, 1);
  }

  return {
    peopleOf,
    async act(id, chosen, actor) {
      const wanted = acts.find(each => each.id === id);
      if (!wanted) return { ok: false, sentence: 'This button is of another version: reload.', undo: [] };
      if (wanted.about === 'messages') {
        const [name = ''] = wanted.commands;
        if (chosen.numbers.length === 0) return nobody;
        return summed(wanted.label, [
          await attempt(() => commands.run(name, { numbers: [...chosen.numbers] }, actor)),
        ]);
      }
      const people = peopleOf(chosen);
      if (people.length === 0) return nobody;
      // By the message, a ban holds for the tripcode under it too. What is lifted is theirs, whatever it was for.
      const written = new Map(
        wanted.id === 'lift'
          ? []
          : chosen.numbers.map(number => [room.find(number)?.author.personId, number]),
      );
      const done = [];
      for (const person of people) {
        done.push(...(await toPerson(wanted, String(written.get(person) ?? person), actor)));
        // Each is written to the disk: a hundred of them must not hold up everybody's picture.
        await breathe();
      }
      return summed(wanted.label, done);
    },
    async undo(ids, actor) {
      const done = [];
      for (const id of ids) {
        done.push(await attempt(() => commands.run('undo', { id }, actor)));
        await breathe();
      }
      // To undo what was undone is one press too many.
      return { ...summed('Undo', done), undo: [] };
    },
  };
}

const nobody: Done = { ok: false, sentence: 'Nothing is selected that is still there.', undo: [] };

function summed(label: string, results: readonly Done[]): Done {
  const done = results.filter(({ ok }) => ok);
  const refused = [...new Set(results.filter(({ ok }) => !ok).map(({ sentence }) => sentence))];
  const told =
    done.length > maxTold
      ? [`${label}: done for ${done.length} people.`]
      : done.map(({ sentence }) => sentence);
  const more = refused.length > maxTold ? [`${refused.length - maxTold} more were refused.`] : [];
  return {
    ok: done.length > 0,
    sentence: [...told, ...refused.slice(0, maxTold), ...more].join(' '),
    undo: done.flatMap(({ undo }) => undo),
  };
}
