/** The desk's lists, in words. */
import { formatDuration } from '../../moderation/duration.ts';
import type { Invitation } from '../../people/invitations.ts';
import type { ViewDeps } from './pages.ts';
import { utc } from './words.ts';

const bansShown = 300;

/** The oldest first: that is the order in which they are decided. */
export function heldNow({ held, defaultName, now }: ViewDeps) {
  return held.list().map(({ id, atMs, said: { author, text } }) => ({
    id,
    text,
    name: author.name ?? defaultName,
    tag: author.tag,
    tripcode: author.tripcode?.text ?? '',
    personId: author.personId,
    ago: formatDuration(now() - atMs),
  }));
}

export function bansNow({ bans, now }: ViewDeps) {
  const all = bans.list();
  const shown = all
    .slice(-bansShown)
    .reverse()
    .map(ban => ({
      ...ban,
      done: ban.kind === 'ban' ? 'banned' : 'muted',
      ends: ban.untilMs === null ? 'for good' : `for another ${formatDuration(ban.untilMs - now())}`,
      lift: ban.kind === 'ban' ? 'unban' : 'unmute',
    }));
  return { shown, more: all.length - shown.length };
}

export function invitationsNow({ invitations, now }: ViewDeps, grants: Invitation['grants']) {
  return invitations
    .list()
    .filter(each => each.grants === grants)
    .reverse()
    .map(each => ({
      ...each,
      since: utc(each.createdAtMs),
      state: invitationState(each, now()),
    }));
}

function invitationState({ redeemedAtMs, expiresAtMs }: Invitation, nowMs: number): string {
  if (redeemedAtMs !== null) return 'used';
  if (expiresAtMs === null) return 'open';
  return expiresAtMs <= nowMs ? 'expired' : `open for ${formatDuration(expiresAtMs - nowMs)}`;
}

/** How long a mute or ban lasts. */
export function lasting(forMs: number | null): string {
  return forMs === null ? 'for good' : `for ${formatDuration(forMs)}`;
}
