import { z } from 'zod';

/** The `moderation` slice of config.json. */
export const moderationConfig = z
  .strictObject({
    /** What `raid on` sets; what is left out stays as it is. */
    raid: z
      .strictObject({
        /** Who talks at a usual pace hardly meets it. */
        slowModeS: z.number().min(0).max(3600).default(5),
        newcomersWaitMinutes: z.number().min(0).max(1440).default(10),
        holdBack: z.enum(['off', 'newcomers', 'everyone']).default('newcomers'),
        captchaBeforeFirst: z.boolean().default(true),
        captchaEveryMessage: z.boolean().default(false),
        tripcodesOnly: z.boolean().default(false),
        membersOnly: z.boolean().default(false),
      })
      .prefault({}),
    /** Who logged in stays so until they were away for so long. */
    loginIdleDays: z.number().min(0.01).max(365).default(30),
    maxModerators: z.int().min(0).max(1000).default(50),
    maxFilters: z.int().min(0).max(1000).default(200),
    /** How long all filters together may take for one message; after that it waits for a moderator. */
    filterMs: z.number().min(1).max(1000).default(4),
  })
  .prefault({});

export type ModerationConfig = z.infer<typeof moderationConfig>;
