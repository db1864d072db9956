import { setImmediate as breathe } from 'node:timers/promises';
import type { Request } from 'express';
import { z } from 'zod';
import { Failure, sentenceOf } from '../../lib/failure.ts';
import type { CommandResult } from '../../moderation/command.ts';
import type { Commands } from '../../moderation/commands.ts';
import type { Actor } from '../../moderation/staff.ts';
import type { Answer } from './answers.ts';

export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** The fields of a form by its name, so that a page can show them again. */
export type Typed = Readonly<{ form: string; fields: Fields }>;

export const fields = z.record(z.string(), z.union([z.string(), z.array(z.string())])).catch({});

/** What a form sent. A button's own address (`formaction`) says more, and has the last word. */
export function fieldsOf(request: Request): Fields {
  return { ...fields.parse(request.body ?? {}), ...fields.parse(request.query) };
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

/** The form that it was, to be filled in again; never with a password. */
export function typedIn(sent: Fields): Typed {
  const { csrf: _, password: __, oldPassword: ___, ...kept } = sent;
  return { form: textOf(sent, 'form') || textOf(sent, 'command') || 'line', fields: kept };
}

/**
 * Gives the command of a form: `line` as it would be typed in the chat, or `command` with its fields. `pick` names the
 * field of the checkboxes one of which must be ticked. Throws the command's Failure.
 */
export async function give(commands: Commands, sent: Fields, actor: Actor): Promise<Answer> {
  const command = textOf(sent, 'command');
  if (command === '') return told(await commands.runLine(textOf(sent, 'line'), actor));
  const pick = textOf(sent, 'pick');
  if (pick !== '' && sent[pick] === undefined) {
    throw new Failure('nothing-ticked', 'Nothing is ticked. Tick something first.');
  }
  // The one command about a person or an action, for several of them.
  const field = command === 'undo' ? 'id' : 'person';
  const whom = sent[field];
  if (!Array.isArray(whom)) return told(await commands.run(command, sent, actor));
  const [only, ...others] = new Set<string>(whom);
  if (others.length === 0) return told(await commands.run(command, { ...sent, [field]: only }, actor));
  return severally([only ?? '', ...others], each => commands.run(command, { ...sent, [field]: each }, actor));
}

async function severally(
  all: readonly string[],
  run: (each: string) => Promise<CommandResult>,
): Promise<Answer> {
  const lines: string[] = [];
  const undo: number[] = [];
  let done = 0;
  for (const each of all) {
    try {
      const { sentence, logged } = await run(each);
      lines.push(sentence);
      if (logged?.canUndo) undo.push(logged.id);
      done += 1;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      lines.push(`Not done: ${sentenceOf(error)}`);
    }
    // Each is written to the disk: two hundred of them must not hold up everybody's picture.
    await breathe();
  }
  return { sentence: `Done for ${done} of ${all.length}.`, lines, isError: done === 0, undo };
}

function told({ sentence, lines = [], data, logged }: CommandResult): Answer {
  const path = z.object({ path: z.string() }).safeParse(data).data?.path;
  return {
    // Without the bare path: the whole address stands below it.
    sentence: path === undefined ? sentence : sentence.replace(`: ${path}`, '.'),
    lines,
    isError: false,
    path,
    undo: logged?.canUndo ? [logged.id] : [],
  };
}

export function toldOf(error: Failure, typed: Typed | undefined): Answer {
  return { sentence: sentenceOf(error), lines: [], isError: true, typed };
}
