import { z } from 'zod';
import { Failure } from '../lib/failure.ts';
import { type Command, type CommandInfo, type CommandResult, command } from './command.ts';
import { optional, shortText } from './inputs.ts';
import { type Actor, mayActAs } from './staff.ts';
import { takeWord, type Words } from './words.ts';

/**
 * The one table of commands: chat, desk and terminal give the same ones and get the same answers. Every method that
 * runs one throws a Failure whose sentence is for whoever gave it.
 */
export class Commands {
  readonly #rows: readonly Command[];

  constructor(rows: readonly Command[]) {
    this.#rows = [...rows, this.#help()];
  }

  /** What this one may do, in the order of the table. */
  list(actor: Pick<Actor, 'role'>): CommandInfo[] {
    return this.#rows.filter(row => mayActAs(actor, row.who)).map(infoOf);
  }

  /** Whether a command begins with this word. */
  isFirstWord(word: string): boolean {
    return this.#rows.some(row => row.name.split(' ')[0] === word);
  }

  /**
   * For forms: `fields` are the command's arguments by name, as text or as what they stand for. Throws Failure
   * `command-unknown`, `command-arguments`, `not-allowed` and what the command itself throws.
   */
  async run(name: string, fields: Readonly<Record<string, unknown>>, actor: Actor): Promise<CommandResult> {
    return await this.#allowed(this.#row(name), actor).run(fields, actor);
  }

  /** Whether this one may give the command; false also for one that there is not. */
  mayRun(actor: Pick<Actor, 'role'>, name: string): boolean {
    return this.list(actor).some(row => row.name === name);
  }

  /** For chat and terminal: `ban Ada 2h flooding`, with or without a slash in front, or the same in words. */
  async runLine(line: Words, actor: Actor): Promise<CommandResult> {
    const { row, rest } = this.#meant(line);
    return await this.#allowed(row, actor).run(row.parse(rest), actor);
  }

  #meant(line: Words): { row: Command; rest: Words } {
    const first = takeWord(line);
    const name = first?.word.replace(/^\//, '').toLowerCase() ?? '';
    const second = first && takeWord(first.rest);
    const long = this.#rows.find(row => second && row.name === `${name} ${second.word.toLowerCase()}`);
    if (long && second) return { row: long, rest: second.rest };
    return { row: this.#row(name), rest: first?.rest ?? '' };
  }

  #row(name: string): Command {
    const row = this.#rows.find(known => known.name === name);
    if (row) return row;
    throw new Failure('command-unknown', `There is no command “${name.slice(0, 40)}”. See: help`);
  }

  #allowed(row: Command, actor: Actor): Command {
    if (mayActAs(actor, row.who)) return row;
    throw new Failure('not-allowed', `“${row.name}” is for the broadcaster only.`, { command: row.name });
  }

  #help(): Command {
    return command({
      name: 'help',
      usage: 'help [COMMAND]',
      help: 'Lists the commands, or tells what one does.',
      group: 'Desk',
      who: 'moderator',
      words: [{ field: 'command', kind: 'rest' }],
      input: z.object({ command: optional(shortText(40, 'the command')) }),
      run: ({ command: name }, actor) => {
        if (name !== undefined) {
          const { usage, help } = this.#meant(name).row;
          return { sentence: `${usage} – ${help}`, data: { usage, help } };
        }
        const rows = this.list(actor);
        return {
          sentence: `There are ${rows.length} commands:`,
          lines: rows.map(({ usage, help }) => `${usage} – ${help}`),
          data: rows.map(({ name, usage, help, group, who }) => ({ name, usage, help, group, who })),
        };
      },
    });
  }
}

function infoOf({ name, usage, help, group, who }: Command): CommandInfo {
  return { name, usage, help, group, who };
}
