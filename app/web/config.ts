import { z } from 'zod';

export const webConfig = z
  .strictObject({
    /** Where people on this machine, and a system tor with a TCP HiddenServicePort, reach the server. */
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(8080),
    /** Shown in the corner of every page. */
    siteName: z.string().min(1).max(60).default('onioncast'),
    /** Further names (Host headers) that the server answers to; loopback and .onion always count. */
    hosts: z.array(z.string().min(1)).max(100).default([]),
    /** Whether addresses in messages can be clicked; else they are text to copy. */
    clickableLinks: z.boolean().default(false),
    /** Endless pages (live chat frames) and sockets open at once. */
    maxFrames: z.int().min(1).max(100_000).default(4000),
    /** The live column without JavaScript. */
    frames: z
      .strictObject({
        /** Something is sent at least so often; a reader is told that the line is silent after 2¼ times as long. */
        keepAliveS: z.number().min(1).max(120).default(20),
        /** A page that grows for ever slows the browser down: it is begun anew when it is so old or so long. */
        maxAgeMin: z.number().min(1).max(1440).default(30),
        maxKB: z.number().min(100).max(100_000).default(2000),
      })
      .prefault({}),
  })
  .prefault({});

export type WebConfig = z.infer<typeof webConfig>;
