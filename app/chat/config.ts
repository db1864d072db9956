import { z } from 'zod';

const floodConfig = z
  .strictObject({
    windowS: z.number().min(1).max(3600).default(20),
    /** Messages and lines that one person may write within the window. */
    messages: z.int().min(1).max(100).default(4),
    lines: z.int().min(1).max(2000).default(20),
    /** The same text again is refused for this long; 0 turns it off. */
    duplicateWindowS: z.number().min(0).max(3600).default(60),
    /** A Tor circuit may carry several people of one household: it may write so many times as much. */
    circuitFactor: z.int().min(1).max(10).default(3),
  })
  .prefault({});

const captchaConfig = z
  .strictObject({
    /** Nobody writes before they solved one. */
    beforeFirstMessage: z.boolean().default(true),
    /** Again for whoever ran into the flood limits. */
    afterFlood: z.boolean().default(true),
    /** Again after so many messages; 0 turns it off. */
    everyMessages: z.int().min(0).max(100_000).default(40),
    /** Again at random: the probability after each message; 0 turns it off. */
    probability: z.number().min(0).max(1).default(0),
  })
  .prefault({});

export const chatConfig = z
  .strictObject({
    /** In characters as a person counts them. */
    maxLength: z.int().min(1).max(10_000).default(512),
    maxLines: z.int().min(1).max(200).default(20),
    flood: floodConfig,
    /** Seconds between two messages of one person; the broadcaster can change it while live. */
    slowModeS: z.number().min(0).max(3600).default(0),
    /** How many messages a viewer is shown, and how many are kept. */
    shown: z.int().min(1).max(2000).default(256),
    stored: z.int().min(1).max(1_000_000).default(8192),
    /** Messages older than this are deleted; 0 keeps them until `stored` is reached. */
    retentionDays: z.number().min(0).max(3650).default(30),
    captcha: captchaConfig,
  })
  .refine(chat => chat.stored >= chat.shown, {
    message: 'must be at least as many as shown',
    path: ['stored'],
  })
  .refine(chat => chat.flood.lines >= chat.maxLines, {
    message: 'must be at least maxLines, or a long message could never be sent',
    path: ['flood', 'lines'],
  })
  .prefault({});

export type ChatConfig = z.infer<typeof chatConfig>;
