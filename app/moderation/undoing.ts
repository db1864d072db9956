import type { Modes } from '../chat/modes.ts';
import type { Room } from '../chat/room.ts';
import { Failure } from '../lib/failure.ts';
import type { Bans } from '../people/bans.ts';
import type { Invitations } from '../people/invitations.ts';
import type { ActionLog } from './action-log.ts';
import type { Board } from './board.ts';
import type { Club } from './club.ts';
import type { Filters } from './filters.ts';
import type { Raid } from './raid.ts';
import type { Actor } from './staff.ts';
import type { StreamDesk } from './surroundings.ts';
import type { Targets } from './targets.ts';
import type { Undo } from './undo.ts';

export type UndoingDeps = {
  log: ActionLog;
  room: Pick<Room, 'hide' | 'unhide'>;
  bans: Pick<Bans, 'list' | 'lift' | 'restore'>;
  targets: Pick<Targets, 'assertMayLift'>;
  modes: Pick<Modes, 'set'>;
  raid: Raid;
  stream: Pick<StreamDesk, 'setTitle'>;
  board: Board;
  filters: Filters;
  invitations: Pick<Invitations, 'revoke'>;
  club: Club;
  now: () => number;
  /** Whoever may not do a thing may not undo it. */
  mayRun: (actor: Actor, command: string) => boolean;
};

export type Undone = { sentence: string; logged: { id: number; canUndo: boolean } };

/**
 * Undoes actions of the log. Throws Failure `undo-unknown`, `undo-impossible`, `undo-twice`, `not-allowed` or
 * `person-protected`.
 */
export function createUndoing(deps: UndoingDeps): (id: number, actor: Actor) => Undone {
  const { log } = deps;
  return (id, actor) => {
    const action = log.find(id);
    if (!action) throw new Failure('undo-unknown', `There is no action ${id} in the log. See: log`);
    if (action.undoneBy !== undefined) {
      throw new Failure('undo-twice', `Action ${id} was undone already, by ${action.undoneBy}.`);
    }
    const undo = log.undoOf(id);
    const what = `${action.action} ${action.target}`.trimEnd();
    if (!undo) throw new Failure('undo-impossible', `“${what}” can’t be undone.`);
    if (!deps.mayRun(actor, action.action)) {
      throw new Failure('not-allowed', `“${action.action}” is for the broadcaster only.`);
    }
    apply(undo, deps, actor);
    const logged = log.record({ actor, action: 'undo', target: what, undoes: id });
    return { sentence: `Undone: ${what}.`, logged };
  };
}

function apply(undo: Undo, deps: UndoingDeps, actor: Actor): void {
  switch (undo.type) {
    case 'hide':
      deps.room.hide(undo.numbers);
      return;
    case 'unhide':
      deps.room.unhide(undo.numbers);
      return;
    case 'lift':
      undoBan(undo, deps, actor);
      return;
    case 'restore':
      for (const ban of undo.bans) deps.targets.assertMayLift(actor, ban);
      for (const ban of undo.bans) deps.bans.restore(ban);
      return;
    case 'modes':
      deps.modes.set(undo.modes);
      return;
    case 'raid':
      deps.raid.switch(undo.on);
      return;
    case 'title':
      deps.stream.setTitle(undo.text);
      return;
    case 'description':
      deps.board.describe(undo.text);
      return;
    case 'pin':
      deps.board.pin(undo.pinned ?? undefined);
      return;
    case 'remove-filter':
      deps.filters.remove(undo.id);
      return;
    case 'restore-filter':
      deps.filters.restore(undo.filter);
      return;
    case 'revoke':
      deps.invitations.revoke(undo.invitationId);
      return;
    case 'member':
      deps.club.setMember(undo.personId, undo.isMember);
      return;
    case 'tripcode':
      if (undo.isAllowed) deps.club.allowTripcode({ tripcode: undo.tripcode, note: '', by: actor.name });
      else deps.club.forbidTripcode(undo.tripcode);
  }
}

/** What the ban took the place of is in force again, unless it is over. */
function undoBan(
  { banIds, untilMs, replaced }: Extract<Undo, { type: 'lift' }>,
  { bans, targets, now }: UndoingDeps,
  actor: Actor,
): void {
  const isOver = (endMs: number | null): boolean => endMs !== null && endMs <= now();
  const there = bans.list().filter(({ id }) => banIds.includes(id));
  if (there.length === 0 && !isOver(untilMs)) {
    throw new Failure('undo-impossible', 'That was lifted already, or a later one took its place. See: bans');
  }
  for (const ban of [...there, ...replaced]) targets.assertMayLift(actor, ban);
  for (const { id } of there) bans.lift(id);
  for (const ban of replaced) if (!isOver(ban.untilMs)) bans.restore(ban);
}
