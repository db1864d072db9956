import { z } from 'zod';
import { Failure } from '../lib/failure.ts';
import type { Actor, StaffRole } from './staff.ts';
import { fieldsOf, type Word, type Words } from './words.ts';

export type CommandResult = Readonly<{
  /** What was done, or what there is to see, for people. */
  sentence: string;
  /** More of it, a line each, for chat and terminal. */
  lines?: readonly string[];
  /** The same for programs: JSON. */
  data?: Json;
  /** Its row of the moderation log, if it changed something. */
  logged?: Readonly<{ id: number; canUndo: boolean }>;
}>;

export type Json = string | number | boolean | null | readonly Json[] | Readonly<{ [key: string]: Json }>;

export type CommandInfo = Readonly<{
  /** One word or two: `ban`, `mods add`. */
  name: string;
  /** `ban PERSON [TIME] [REASON]` */
  usage: string;
  help: string;
  group: CommandGroup;
  /** The least role that may give it. */
  who: StaffRole;
}>;

export type CommandGroup =
  | 'Stream'
  | 'Messages'
  | 'People'
  | 'Modes'
  | 'Members'
  | 'Filters'
  | 'Staff'
  | 'Desk';

/** A row of the table. `run` checks `fields`; both throw a Failure whose sentence is the answer. */
export type Command = CommandInfo &
  Readonly<{
    /** What follows the name as fields. */
    parse(rest: Words): Record<string, unknown>;
    run(fields: unknown, actor: Actor): Promise<CommandResult>;
  }>;

type CommandSpec<Input extends z.ZodType> = CommandInfo & {
  words?: readonly Word[];
  input: Input;
  run(input: z.infer<Input>, actor: Actor): CommandResult | Promise<CommandResult>;
};

export const nothing = z.object({});

/** A row whose `run` gets what `input` makes of the fields. */
export function command<Input extends z.ZodType>(spec: CommandSpec<Input>): Command {
  const { name, usage, help, group, who, words = [], input } = spec;
  return {
    name,
    usage,
    help,
    group,
    who,
    parse: rest => fieldsOf(rest, words, usage),
    async run(fields, actor) {
      const parsed = input.safeParse(fields);
      if (!parsed.success) throw wrongArguments(usage, parsed.error);
      return await spec.run(parsed.data, actor);
    },
  };
}

function wrongArguments(usage: string, error: z.ZodError): Failure {
  const [issue] = error.issues;
  const field = issue?.path.join('.');
  const problem = issue === undefined ? '' : `${field ? `${field.toUpperCase()}: ` : ''}${issue.message}. `;
  return new Failure('command-arguments', `${problem}The form is: ${usage}`, { usage });
}
