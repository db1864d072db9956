import { z } from 'zod';
import { Failure } from '../../lib/failure.ts';
import type { Invitation, Invitations } from '../../people/invitations.ts';
import type { ActionLog } from '../action-log.ts';
import { type Command, command, type Json, nothing } from '../command.ts';
import { forHowLong, timeLike } from '../duration.ts';
import { optional, shortText, time } from '../inputs.ts';

export type InviteDeps = { invitations: Invitations; log: ActionLog; now: () => number };

/** Where web/ takes an invitation. */
export function invitationPath(grants: Invitation['grants'], token: string): string {
  return grants === 'member' ? `/?invite=${token}` : `/broadcaster/join?invite=${token}`;
}

const group = 'Members';

export function inviteCommands({ invitations, log, now }: InviteDeps): Command[] {
  /** By id, its beginning, or the whole token's note. */
  const findInvitation = (text: string): Invitation => {
    const found = invitations.list().filter(({ id, note }) => id.startsWith(text) || note === text);
    const [first] = found;
    if (first && found.length === 1) return first;
    throw new Failure(
      'invitation-unknown',
      `${found.length} invitations are “${text}”. Take the id that invites tells.`,
    );
  };

  return [
    command({
      name: 'invites',
      usage: 'invites',
      help: 'Lists the invitations.',
      group,
      who: 'broadcaster',
      input: nothing,
      run() {
        const all = invitations.list();
        return {
          sentence: all.length === 0 ? 'There is no invitation.' : `${all.length} invitations:`,
          lines: all.map(each => {
            const forWhom = each.note === '' ? '' : ` for ${each.note}`;
            return `${each.id} ${each.grants}${forWhom}: ${stateOf(each, now())}`;
          }),
          data: all.map(each => invitationJson(each, now())),
        };
      },
    }),
    command({
      name: 'invites create',
      usage: 'invites create [TIME] [NOTE]',
      help: 'Makes a one-time link by which a person becomes a member.',
      group,
      who: 'broadcaster',
      words: [
        { field: 'time', kind: 'word', like: timeLike },
        { field: 'note', kind: 'rest' },
      ],
      input: z.object({ time: optional(time), note: optional(shortText(100, 'the note')) }),
      run({ time = null, note = '' }, actor) {
        const expiresAtMs = time === null ? null : now() + time;
        const { invitation, token } = invitations.create({
          grants: 'member',
          note,
          by: actor.name,
          expiresAtMs,
        });
        const undo = { type: 'revoke', invitationId: invitation.id } as const;
        const logged = log.record({ actor, action: 'invites create', target: note || invitation.id, undo });
        const path = invitationPath('member', token);
        return {
          sentence: `An invitation ${forHowLong(time)}, shown only now: ${path}`,
          data: { id: invitation.id, token, path },
          logged,
        };
      },
    }),
    command({
      name: 'invites revoke',
      usage: 'invites revoke ID',
      help: 'Makes an invitation void; who used it stays a member.',
      group,
      who: 'broadcaster',
      words: [{ field: 'invitation', kind: 'rest' }],
      input: z.object({ invitation: shortText(100, 'the invitation') }),
      run({ invitation: text }, actor) {
        const { id, note } = invitations.revoke(findInvitation(text).id);
        const logged = log.record({ actor, action: 'invites revoke', target: note || id });
        return { sentence: `The invitation ${note || id} is void.`, data: { id }, logged };
      },
    }),
  ];
}

function stateOf({ redeemedAtMs, expiresAtMs }: Invitation, nowMs: number): 'used' | 'expired' | 'open' {
  if (redeemedAtMs !== null) return 'used';
  return expiresAtMs !== null && expiresAtMs <= nowMs ? 'expired' : 'open';
}

function invitationJson(invitation: Invitation, nowMs: number): Json {
  const { id, grants, note, by, createdAtMs, expiresAtMs, redeemedBy } = invitation;
  return { id, grants, note, by, createdAtMs, expiresAtMs, redeemedBy, state: stateOf(invitation, nowMs) };
}
