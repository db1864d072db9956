import { z } from 'zod';
import { problemOfExtraLine } from './torrc.ts';

const torrcLine = z.string().superRefine((line, context) => {
  const problem = problemOfExtraLine(line);
  if (problem) context.addIssue({ code: 'custom', message: `this torrc line ${problem}`, input: line });
});

/** The `tor` slice of config.json. */
export const torConfig = z
  .strictObject({
    /** Publish an onion service at all. */
    enabled: z.boolean().default(true),
    /** The tor program: a name to look for, or a path. */
    binary: z.string().min(1).default('tor'),
    /** HiddenServicePort's virtual port: what viewers connect to. */
    virtualPort: z.int().min(1).max(65_535).default(80),
    /** HiddenServicePoWDefensesEnabled, where this tor has it: under attack clients pay with work. */
    powDefenses: z.boolean().default(true),
    /** HiddenServiceMaxStreams: connections one circuit may hold at a time; 0 is no limit. */
    maxStreams: z.int().min(0).max(65_535).default(0),
    /** Further lines for our tor's torrc, such as bridges; none may set what we set. */
    torrcLines: z.array(torrcLine).max(200).default([]),
    /**
     * Where to listen for the system's own tor instead of running one (see hidden_service.example/): the path of
     * a unix socket, 0660, in a folder that exists. Empty: we run our own tor.
     */
    systemSocket: z.string().default(''),
  })
  .prefault({});

export type TorConfig = z.infer<typeof torConfig>;
