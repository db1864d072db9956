import { z } from 'zod';

/** The `captcha` slice of config.json. */
export const captchaConfig = z
  .strictObject({
    /** Letters in a picture; with more than six they get small. */
    length: z.int().min(4).max(6).default(5),
    /** How long a captcha may be answered. */
    expiryMin: z.number().min(1).max(240).default(30),
    /** Pictures drawn ahead of time, for a crowd that comes at once. */
    poolSize: z.int().min(1).max(1000).default(128),
    /** At most one picture is drawn in so long, once the pool has been full. */
    drawEveryMs: z.int().min(50).max(60_000).default(500),
    /** Unused pictures one person gets before the pool has been redrawn; then they share those handed out. */
    perHolder: z.int().min(1).max(1000).default(8),
    /** Right answers a shared picture is good for. */
    solvesPerPicture: z.int().min(1).max(1000).default(4),
    /** Captchas that may be unanswered at once, one bit each; the oldest expire beyond that. */
    maxPending: z.int().min(8).max(67_108_864).default(4_194_304),
    /** Offers captchas as sound too, where espeak-ng is installed. Programs hear better than they read. */
    spoken: z.boolean().default(true),
  })
  .prefault({});

export type CaptchaConfig = z.infer<typeof captchaConfig>;
