import { z } from 'zod';

export const liveConfig = z
  .strictObject({
    /** How much of the stream is kept in memory, for HLS players and for viewers who join. */
    windowS: z.number().min(4).max(600).default(30),
    /** HLS segments begin at the first keyframe after this long. */
    segmentS: z.number().min(0.5).max(30).default(1),
    /** A stream that writes nothing for this long counts as ended, if nobody said so before. */
    endAfterStallS: z.number().min(2).max(3600).default(60),
  })
  .prefault({});

export type LiveConfig = z.infer<typeof liveConfig>;
