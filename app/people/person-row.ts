import { colourOf, readableColour } from './colour.ts';
import { tagOf } from './identity.ts';
import type { Person } from './person.ts';
import type { PersonRow } from './store.ts';
import type { Tripcode } from './tripcode.ts';

/** Someone never seen before. */
export function newPerson(id: string, nowMs: number, background: string): Person {
  return {
    id,
    tag: tagOf(id),
    name: undefined,
    colour: colourOf(id, background),
    ownColour: false,
    tripcode: undefined,
    role: 'viewer',
    memberSinceMs: undefined,
    hasMembersTripcode: false,
    captchaPassedAtMs: undefined,
    wroteAtMs: undefined,
    createdAtMs: nowMs,
    seenAtMs: nowMs,
  };
}

/** Whether there is anything about them that they or we would miss after a restart. */
export function isWorthKeeping(person: Person): boolean {
  return (
    person.name !== undefined ||
    person.ownColour ||
    person.tripcode !== undefined ||
    person.role !== 'viewer' ||
    person.memberSinceMs !== undefined ||
    person.captchaPassedAtMs !== undefined ||
    person.wroteAtMs !== undefined
  );
}

export function toRow(person: Person): PersonRow {
  return {
    id: person.id,
    name: person.name ?? null,
    colour: person.ownColour ? person.colour : null,
    tripcode: person.tripcode?.text ?? null,
    tripcodeKind: person.tripcode?.kind ?? null,
    tripcodeForeground: person.tripcode?.colours.foreground ?? null,
    tripcodeBackground: person.tripcode?.colours.background ?? null,
    role: person.role,
    memberSinceMs: person.memberSinceMs ?? null,
    captchaPassedAtMs: person.captchaPassedAtMs ?? null,
    wroteAtMs: person.wroteAtMs ?? null,
    createdAtMs: person.createdAtMs,
    seenAtMs: person.seenAtMs,
  };
}

type Facts = { background: string; membersTripcodes: ReadonlySet<string> };

/** `background` may have changed since the colour was chosen, so it is made readable anew. */
export function fromRow(row: PersonRow, { background, membersTripcodes }: Facts): Person {
  return {
    id: row.id,
    tag: tagOf(row.id),
    name: row.name ?? undefined,
    colour: row.colour === null ? colourOf(row.id, background) : readableColour(row.colour, background),
    ownColour: row.colour !== null,
    tripcode: tripcodeOf(row),
    role: row.role,
    memberSinceMs: row.memberSinceMs ?? undefined,
    hasMembersTripcode: row.tripcode !== null && membersTripcodes.has(row.tripcode),
    captchaPassedAtMs: row.captchaPassedAtMs ?? undefined,
    wroteAtMs: row.wroteAtMs ?? undefined,
    createdAtMs: row.createdAtMs,
    seenAtMs: row.seenAtMs,
  };
}

function tripcodeOf(row: PersonRow): Tripcode | undefined {
  const { tripcode: text, tripcodeKind: kind } = row;
  const { tripcodeForeground: foreground, tripcodeBackground: background } = row;
  if (text === null || kind === null || foreground === null || background === null) return undefined;
  return { text, colours: { foreground, background }, kind };
}
