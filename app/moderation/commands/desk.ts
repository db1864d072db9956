import { z } from 'zod';
import type { Action, ActionLog } from '../action-log.ts';
import { type Command, command, nothing } from '../command.ts';
import { optional, wholeNumber } from '../inputs.ts';
import type { Actor } from '../staff.ts';
import type { Reload } from '../surroundings.ts';

export type DeskDeps = {
  log: ActionLog;
  /** Undoes an action; throws Failure `undo-…`. Returns what was done, in a sentence. */
  undo: (id: number, actor: Actor) => { sentence: string; logged: { id: number; canUndo: boolean } };
  reload: Reload;
};

const group = 'Desk';
const maxActions = 500;

export function deskCommands({ log, undo, reload }: DeskDeps): Command[] {
  return [
    command({
      name: 'log',
      usage: 'log [COUNT]',
      help: 'Tells what moderators did, the newest first.',
      group,
      who: 'moderator',
      words: [{ field: 'count', kind: 'word' }],
      input: z.object({ count: optional(wholeNumber) }),
      run({ count = 20 }) {
        const actions = log.recent(Math.min(count, maxActions));
        return {
          sentence: actions.length === 0 ? 'Nothing was done yet.' : `The last ${actions.length} actions:`,
          lines: actions.map(actionLine),
          data: actions.map(action => ({
            ...action,
            undoneBy: action.undoneBy ?? null,
            undoes: action.undoes ?? null,
          })),
        };
      },
    }),
    command({
      name: 'undo',
      usage: 'undo N',
      help: 'Undoes an action, by the number that log tells.',
      group,
      who: 'moderator',
      words: [{ field: 'id', kind: 'word' }],
      input: z.object({ id: wholeNumber }),
      run: ({ id }, actor) => undo(id, actor),
    }),
    command({
      name: 'config reload',
      usage: 'config reload',
      help: 'Reads config.json anew and tells what needs a restart.',
      group,
      who: 'broadcaster',
      input: nothing,
      async run(_, actor) {
        const { applied, needRestart } = await reload();
        // By their paths: a value may be nobody's business.
        const target = applied.join(', ');
        const logged = target === '' ? undefined : log.record({ actor, action: 'config reload', target });
        const now = applied.length === 0 ? 'Nothing new is in force' : `In force now: ${applied.join(', ')}`;
        const later = needRestart.length === 0 ? '' : ` After a restart: ${needRestart.join(', ')}.`;
        const data = { applied, needRestart };
        return { sentence: `${now}.${later}`, data, ...(logged && { logged }) };
      },
    }),
  ];
}

/** `12 2030-01-01 00:00:00 Eve: ban Ada #k3f9 for 2h` */
function actionLine({ id, atMs, by, action, target, canUndo, undoneBy }: Action): string {
  const at = new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
  const mark = undoneBy === undefined ? (canUndo ? '' : ' (can’t be undone)') : ` (undone by ${undoneBy})`;
  return `${id} ${at} ${by}: ${action} ${target}`.trimEnd() + mark;
}
