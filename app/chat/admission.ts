import { isMember, missingToEnter } from '../people/access.ts';
import type { Bans } from '../people/bans.ts';
import type { PeopleConfig } from '../people/config.ts';
import type { Person } from '../people/person.ts';
import type { ModesState } from './modes.ts';
import { type Refusal, type RefusalReason, refusal, waitText } from './refusal.ts';

export type AdmissionFacts = {
  bans: Pick<Bans, 'banOf' | 'muteOf' | 'probation'>;
  modes: ModesState;
  access: PeopleConfig['access'];
  /** Whether nobody knows them here yet; asked only when it matters. */
  isNewcomer: (person: Person) => boolean;
  /** The Tor circuit they came by, where that is known. */
  circuit: string | undefined;
  nowMs: number;
};

/** Whether the person may write at all now, whatever it is. Moderators and the broadcaster stand above modes. */
export function admission(person: Person, facts: AdmissionFacts): Refusal | undefined {
  const { bans, modes, access, isNewcomer, circuit, nowMs } = facts;
  const ban = bans.banOf(person);
  if (ban) return silenced('banned', ban.untilMs, nowMs);
  const mute = bans.muteOf(person);
  if (mute) return silenced('muted', mute.untilMs, nowMs);
  if (person.role !== 'viewer') return undefined;
  if (modes.closed) {
    return refusal('chat-closed', 'The chat is closed at the moment. Only the broadcaster writes.');
  }
  const missing = missingToEnter(person, access);
  if (missing === 'invitation' || (modes.membersOnly && !isMember(person))) {
    return refusal('members-only', 'Only members may write at the moment. Ask for an invitation.');
  }
  if (modes.tripcodesOnly && !person.tripcode) {
    return refusal(
      'tripcodes-only',
      'Only people with a tripcode may write at the moment. Set one under “Name, colour, tripcode”.',
    );
  }
  const admittedAtMs = person.createdAtMs + modes.newcomersWaitMinutes * 60_000;
  // Under attack who was here before goes on talking, however short they have been here.
  const mayBeKnown = modes.newcomersSince !== null;
  if (nowMs < admittedAtMs && !(mayBeKnown && !isNewcomer(person))) return mustWait(admittedAtMs, nowMs);
  const probation = bans.probation(person, circuit);
  if (probation?.waitUntilMs !== undefined) return mustWait(probation.waitUntilMs, nowMs);
  if (probation?.needsCaptcha || missing === 'captcha') return captchaNeeded();
  return undefined;
}

export function captchaNeeded(): Refusal {
  return refusal('captcha', 'Solve the captcha to send this message.', { needs: 'captcha' });
}

function mustWait(untilMs: number, nowMs: number): Refusal {
  const sentence = `New visitors wait a while before they may write. Write ${waitText(untilMs - nowMs)}.`;
  return refusal('newcomers-wait', sentence, { retryAtMs: untilMs });
}

function silenced(
  reason: Extract<RefusalReason, 'banned' | 'muted'>,
  untilMs: number | null,
  nowMs: number,
): Refusal {
  if (untilMs === null) return refusal(reason, `You are ${reason} in this chat.`);
  const sentence = `You are ${reason} in this chat. Write again ${waitText(untilMs - nowMs)}.`;
  return refusal(reason, sentence, { retryAtMs: untilMs });
}
