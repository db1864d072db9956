import { z } from 'zod';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import { type AdmissionFacts, admission, captchaNeeded } from './admission.ts';
import type { CaptchaPolicy } from './captcha-policy.ts';
import type { ChatConfig } from './config.ts';
import type { Flood, FloodVerdict } from './flood.ts';
import type { Held } from './held.ts';
import { authorOf, type Message, type Said } from './message.ts';
import type { Modes } from './modes.ts';
import { isNewcomer } from './newcomer.ts';
import { type Refusal, type RefusalReason, refusal, waitText } from './refusal.ts';
import type { Room } from './room.ts';
import { cleanText } from './text.ts';

/** What a person sends. The nonce is the client's own: a retry with the same one never posts twice. */
export const draftSchema = z.object({
  text: z.string(),
  nonce: z
    .string()
    .regex(/^[A-Za-z0-9_-]{8,64}$/)
    .optional(),
  /** Dropped when there is no such message. */
  replyTo: z.int().positive().optional(),
});

export type Draft = { text: string; nonce?: string | undefined; replyTo?: number | undefined };

export type SubmitResult =
  | Readonly<{ ok: true; held: false; message: Message }>
  /** Accepted and stored; a moderator looks at it first. */
  | Readonly<{ ok: true; held: true; sentence: string }>
  | Refusal;

export type Submit = (
  draft: Draft,
  person: Person,
  origin?: { circuit?: string | undefined },
) => Promise<SubmitResult>;

/** What becomes of a text: it is said as `text`, if need be after a moderator has seen it, or refused. */
export type FilterVerdict =
  | Readonly<{ text: string; hold: boolean; refusal?: undefined }>
  | Readonly<{ refusal: string }>;

/** Looks at a text that would be said; may act on the person itself. */
export type Filter = (text: string, person: Person, circuit: string | undefined) => FilterVerdict;

export type SubmitDeps = {
  room: Room;
  held: Held;
  modes: Modes;
  flood: Flood;
  captchas: CaptchaPolicy;
  people: Pick<People, 'wrote'>;
  bans: AdmissionFacts['bans'];
  access: AdmissionFacts['access'];
  /** Without one every text passes. */
  filter?: Filter;
  now: () => number;
  log: Log;
};

/**
 * The one way to say something: whoever brings a draft (form, socket, terminal) gets the same answer. Resolves
 * when the message is stored, or with the reason why not. `person` is as `people/` knows them now.
 */
export function createSubmit(deps: SubmitDeps, config: Pick<ChatConfig, 'maxLength' | 'maxLines'>): Submit {
  const { room, held, modes, flood, captchas, people, bans, access, filter, now, log } = deps;

  // Nothing in here waits: between a check and what follows from it no other draft comes.
  const decide = (draft: Draft, person: Person, circuit: string | undefined): SubmitResult => {
    const earlier = findEarlier(draft, person);
    if (earlier) return earlier;
    const facts = { bans, modes: modes.state, access, circuit, nowMs: now(), isNewcomer: isNew };
    const refused = admission(person, facts);
    if (refused) return refused;
    const text = cleanText(draft.text, config);
    const said = { author: authorOf(person), text, replyTo: known(draft.replyTo), nonce: draft.nonce };
    if (person.role !== 'viewer') return accept(said, person);

    const writer = { personId: person.id, circuit };
    const verdict = flood.check(writer, text, modes.state.slowModeS);
    if (verdict?.reason === 'flood') captchas.flooded(person);
    const { captchaBeforeFirst } = modes.state;
    const captcha = captchas.needed(person, modes.captchaEveryMessageSinceMs, captchaBeforeFirst);
    if (verdict) return tooMuch(verdict, captcha, now());
    if (captcha) return captchaNeeded();

    const filtered = filter?.(text, person, circuit) ?? { text, hold: false };
    if (filtered.refusal !== undefined) return refusal('filtered', filtered.refusal);
    const result = accept({ ...said, text: filtered.text }, person, filtered.hold);
    flood.count(writer, text);
    captchas.wrote(person);
    return result;
  };

  const findEarlier = ({ nonce }: Draft, { id }: Person): SubmitResult | undefined => {
    if (nonce === undefined) return undefined;
    const message = room.findByNonce(id, nonce);
    if (message) return { ok: true, held: false, message };
    return held.findByNonce(id, nonce) && heldBack();
  };

  const known = (replyTo: number | undefined): number | undefined =>
    replyTo !== undefined && replyTo <= room.lastNumber ? replyTo : undefined;

  const accept = (said: Said, person: Person, isSuspect = false): SubmitResult => {
    const result = isSuspect || isHeldBack(person) ? hold(said) : post(said);
    people.wrote(person.id);
    return result;
  };

  const isNew = (person: Person): boolean => isNewcomer(person, { room, since: modes.state.newcomersSince });

  const isHeldBack = (person: Person): boolean => {
    const { holdBack } = modes.state;
    if (holdBack === 'newcomers') return isNew(person);
    return holdBack === 'everyone' && person.role === 'viewer';
  };

  const post = (said: Said): SubmitResult => ({ ok: true, held: false, message: room.append(said) });

  const hold = (said: Said): SubmitResult => {
    held.add(said);
    return heldBack();
  };

  return async (draft, person, origin = {}) => {
    const parsed = draftSchema.safeParse(draft);
    if (!parsed.success) {
      return refusal('draft-invalid', 'The message arrived damaged. Reload the page and send it again.');
    }
    try {
      return decide(parsed.data, person, origin.circuit);
    } catch (error) {
      const reason = refusedByFailure(error);
      if (!reason) throw error;
      if (reason !== 'not-stored') return refusal(reason, sentenceOf(error));
      log.error(`A message could not be stored: ${sentenceOf(error)}`);
      return refusal(reason, 'The message could not be stored and was not sent. Try again in a minute.');
    }
  };
}

function heldBack(): SubmitResult {
  return { ok: true, held: true, sentence: 'Your message waits for a moderator.' };
}

function tooMuch({ reason, retryAtMs }: FloodVerdict, captcha: boolean, nowMs: number): Refusal {
  const why = {
    flood: 'That was a lot in a short time.',
    'slow-mode': 'Slow mode is on.',
    duplicate: 'You just wrote the same.',
  }[reason];
  const then = captcha ? ', with a captcha' : '';
  return refusal(reason, `${why} Write again ${waitText(retryAtMs - nowMs)}${then}.`, {
    retryAtMs,
    ...(captcha ? { needs: 'captcha' } : {}),
  });
}

/** Refusals that come as Failures from below; anything else is a defect and goes up. */
function refusedByFailure(error: unknown): RefusalReason | undefined {
  if (!(error instanceof Failure)) return undefined;
  switch (codeOf(error)) {
    case 'message-empty':
      return 'message-empty';
    case 'message-too-long':
      return 'message-too-long';
    case 'message-too-many-lines':
      return 'message-too-many-lines';
    case 'hold-full':
      return 'hold-full';
    case 'store-write-failed':
      return 'not-stored';
    default:
      return undefined;
  }
}
