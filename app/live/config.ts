import { z } from 'zod';

export const liveConfig = z
  .strictObject({
    /** How much of the stream is kept in memory, for HLS players and viewers who join; and its end, for so long after it. */
    windowS: z.number().min(4).max(600).default(30),
    /** HLS segments begin at the first keyframe after this long. */
    segmentS: z.number().min(0.5).max(30).default(1),
    /** How far back a viewer may go, kept as files on disk while the server runs; 0 turns it off. */
    dvrS: z.number().min(0).max(14_400).default(240),
    /** Of these files no more than this, whatever the time they hold. */
    dvrMaxMB: z.number().min(1).max(100_000).default(512),
    /** A stream that writes nothing for this long counts as ended, if nobody said so before. */
    endAfterStallS: z.number().min(2).max(3600).default(60),
  })
  .prefault({});

export type LiveConfig = z.infer<typeof liveConfig>;
