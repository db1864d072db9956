import { z } from 'zod';

export const captchaConfig = z
  .strictObject({
    length: z.int().min(4).max(8).default(6),
    expiryMin: z.number().min(1).max(240).default(30),
  })
  .prefault({});

export type CaptchaConfig = z.infer<typeof captchaConfig>;
