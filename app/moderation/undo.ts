import { z } from 'zod';
import type { AddedBans } from '../people/bans.ts';

const ban = z.object({
  id: z.string(),
  kind: z.enum(['ban', 'mute']),
  personId: z.string().nullable(),
  tripcode: z.string().nullable(),
  ofStaff: z.boolean().default(false),
  name: z.string(),
  reason: z.string(),
  by: z.string(),
  atMs: z.number(),
  untilMs: z.number().nullable(),
});

const filter = z.object({
  id: z.number(),
  kind: z.enum(['word', 'regex']),
  pattern: z.string(),
  action: z.enum(['hold', 'censor', 'mute', 'ban']),
  forMs: z.number().nullable(),
  by: z.string(),
  atMs: z.number(),
  suspendedAtMs: z.number().nullable(),
});

/** Some of chat's modes. */
export const someModes = z.object({
  slowModeS: z.exactOptional(z.number()),
  captchaEveryMessage: z.exactOptional(z.boolean()),
  captchaBeforeFirst: z.exactOptional(z.boolean()),
  tripcodesOnly: z.exactOptional(z.boolean()),
  membersOnly: z.exactOptional(z.boolean()),
  closed: z.exactOptional(z.boolean()),
  newcomersWaitMinutes: z.exactOptional(z.number()),
  holdBack: z.exactOptional(z.enum(['off', 'newcomers', 'everyone'])),
});

export const pinnedSchema = z.object({ text: z.string(), messageNumber: z.number().optional() });

/** What undoes an action: kept as JSON in its row of the log. */
export const undoSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hide'), numbers: z.array(z.number()).readonly() }),
  z.object({ type: z.literal('unhide'), numbers: z.array(z.number()).readonly() }),
  z.object({
    type: z.literal('lift'),
    banIds: z.array(z.string()).readonly(),
    /** When they end by themselves; null: never. */
    untilMs: z.number().nullable().default(null),
    /** Those whose place they took. */
    replaced: z.array(ban).readonly().default([]),
  }),
  z.object({ type: z.literal('restore'), bans: z.array(ban).readonly() }),
  z.object({ type: z.literal('modes'), modes: someModes }),
  z.object({ type: z.literal('raid'), on: z.boolean() }),
  z.object({ type: z.literal('title'), text: z.string() }),
  z.object({ type: z.literal('description'), text: z.string() }),
  z.object({ type: z.literal('pin'), pinned: pinnedSchema.nullable() }),
  z.object({ type: z.literal('remove-filter'), id: z.number() }),
  z.object({ type: z.literal('restore-filter'), filter }),
  z.object({ type: z.literal('revoke'), invitationId: z.string() }),
  z.object({ type: z.literal('member'), personId: z.string(), isMember: z.boolean() }),
  z.object({ type: z.literal('tripcode'), tripcode: z.string(), isAllowed: z.boolean() }),
]);

export type Undo = z.infer<typeof undoSchema>;

/** What undoes a ban or a mute. */
export function undoOfBan({ bans, replaced }: AddedBans): Undo {
  return { type: 'lift', banIds: bans.map(({ id }) => id), untilMs: bans[0].untilMs, replaced };
}
