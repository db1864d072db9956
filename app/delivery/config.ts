import { z } from 'zod';

export const deliveryConfig = z
  .strictObject({
    /** Open video responses at once; the next one is told that the stream is full. */
    maxViews: z.int().min(1).max(100_000).default(2000),
    /** Open video responses that have gone back in time, and are read from disk. */
    maxRewound: z.int().min(0).max(10_000).default(100),
    /** How long a video response waits for the first part, and for the next one when the stream breaks off. */
    waitS: z.number().min(0).max(600).default(20),
    gapS: z.number().min(0).max(600).default(30),
    /** A viewer whose connection takes no byte for this long is gone. */
    deadAfterS: z.number().min(2).max(120).default(10),
  })
  .prefault({});

export type DeliveryConfig = z.infer<typeof deliveryConfig>;
