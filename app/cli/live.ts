/**
 * `scripts/live`: the server (with its onion) and the capture as two child processes, started, watched and stopped
 * together. Owns the two processes and the banner; what they do is theirs.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { codeOf, sentenceOf } from '../lib/failure.ts';
import './exit.ts';
import { endStreamMessage } from './parent.ts';
import { type StopSignals, type SuperviseConfig, supervise } from './supervise.ts';

const help = `Usage: scripts/live [flags]

Goes live: the server, its onion address and the capture in one. Ctrl-C stops all of it.

  --source S    what to stream: test, screen, window:TITLE, camera, file:PATH, url:URL or pipe
                (default: the screen where there is one, else the test card); scripts/stream --help has more
  --channel C   the channel to stream to (default: live)
  --port N      the server's port on this machine; 0 takes a free one
  --config F    the configuration file (default: config.json)
  --data DIR    where the server keeps its data
  --streams DIR where the channels' folders are
  --no-tor      no onion address: serve this machine only
  --yes, -y     install tor without asking when it is missing
  --json        print the addresses as one line of JSON instead of words
  --help, -h    this text
`;

const options = {
  source: { type: 'string' },
  channel: { type: 'string' },
  port: { type: 'string' },
  config: { type: 'string' },
  data: { type: 'string' },
  streams: { type: 'string' },
  'no-tor': { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Flags = ReturnType<typeof parseFlags>;

/** The first line that the server prints with --json. */
const addresses = z.object({
  url: z.url(),
  onion: z.string().nullable(),
  broadcaster: z.object({ username: z.string(), password: z.string().nullable() }).nullish(),
});
type Addresses = z.infer<typeof addresses>;

const superviseConfig: SuperviseConfig = {
  backoff: { firstMs: 500, maxMs: 15_000 },
  graceMs: 8_000,
  steadyMs: 60_000,
};

/** A capture that ran this long had its source; before that, an error is one of flags, devices or files. */
const captureWorkedMs = 10_000;

function parseFlags(args: readonly string[]) {
  return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
}

/** The given flags among `names`, as arguments for a child. */
function passOn(
  flags: Flags,
  names: readonly ('source' | 'channel' | 'config' | 'data' | 'streams')[],
): string[] {
  return names.flatMap(name => {
    const value = flags[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
}

/**
 * A whole line above the capture's status line: that one stands unfinished at the terminal's last line and is painted
 * anew within a second.
 */
function printLine(line: string, to: NodeJS.WriteStream = process.stdout): void {
  to.write(`${to.isTTY ? '\r\u001b[2K' : ''}${line}\n`);
}

function banner({ url, onion, broadcaster }: Addresses): string[] {
  const rows = [
    ...(onion ? [['Viewers, in Tor Browser', `http://${onion}/`]] : []),
    [onion ? 'On this machine' : 'On this machine only', url],
    ...(broadcaster
      ? [
          ['Broadcaster’s page', new URL('/broadcaster', url).href],
          broadcaster.password === null
            ? ['  user name', `${broadcaster.username} (new password: scripts/start --set-password)`]
            : ['  user name, password', `${broadcaster.username}  ${broadcaster.password}  (shown only now)`],
        ]
      : []),
  ];
  return [
    '',
    ...rows.map(([what = '', where = '']) => `  ${what.padEnd(25)}${where}`),
    '',
    '  Ctrl-C stops the stream and the server.',
    '',
  ];
}

function tryParseAddresses(line: string): Addresses | undefined {
  try {
    return addresses.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function runServer(flags: Flags, signals: StopSignals, endStream: () => void): Promise<number> {
  let served: Addresses | undefined;
  return supervise(
    {
      name: 'The server',
      argv: () => {
        // A restarted server keeps the port that viewers and the banner know.
        const port = served ? new URL(served.url).port : flags.port;
        return [
          // As scripts/start says, and for the same reason.
          '--max-semi-space-size=4',
          join(import.meta.dirname, 'start.ts'),
          '--json',
          ...passOn(flags, ['config', 'data', 'streams']),
          ...(port === undefined ? [] : ['--port', port]),
          ...(flags['no-tor'] ? ['--no-tor'] : []),
        ];
      },
      onLine: (line, from) => {
        const told = from === 'stdout' ? tryParseAddresses(line) : undefined;
        if (!told) printLine(line, process[from]);
        else if (!served) for (const row of flags.json ? [line] : banner(told)) printLine(row);
        served = told ?? served;
      },
      onMessage: message => {
        if (message === endStreamMessage) endStream();
      },
      readsInput: false,
      hasWorked: () => served !== undefined,
      onCrash: sentence => printLine(sentence, process.stderr),
    },
    superviseConfig,
    signals,
  );
}

function runCapture(flags: Flags, signals: StopSignals): Promise<number> {
  return supervise(
    {
      name: 'The stream',
      argv: () => [
        join(import.meta.dirname, 'stream.ts'),
        ...passOn(flags, ['config', 'channel', 'source', 'streams']),
      ],
      readsInput: /^pipe(:|$)/.test(flags.source ?? ''),
      hasWorked: ranMs => ranMs >= captureWorkedMs,
      onCrash: sentence => printLine(sentence, process.stderr),
    },
    superviseConfig,
    signals,
  );
}

/** Where the stream has ended in order, the server goes on and says so, until a signal comes or it ends itself. */
async function runStream(flags: Flags, signals: StopSignals, end: AbortSignal): Promise<number> {
  // Not only told to end: between two runs there is nobody to tell, and none may begin any more.
  const code = await runCapture(flags, { ...signals, stop: AbortSignal.any([signals.stop, end]) });
  if (code === 0 && !signals.stop.aborted) {
    printLine(
      'The stream has ended; the server goes on. scripts/stream streams again, Ctrl-C ends the server.',
    );
    await once(signals.stop, 'abort');
  }
  return code;
}

/** Runs until the server ends, the stream fails for good or a signal comes; resolves with the exit code. */
async function live(flags: Flags): Promise<number> {
  const stop = new AbortController();
  const kill = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => (stop.signal.aborted ? kill.abort() : stop.abort()));
  }
  const signals = { stop: stop.signal, kill: kill.signal };
  const end = new AbortController();
  const halves = [runServer(flags, signals, () => end.abort()), runStream(flags, signals, end.signal)];
  const codes = await Promise.all(halves.map(half => half.finally(() => stop.abort())));
  return codes.find(code => code !== 0) ?? 0;
}

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(help);
  else process.exitCode = await live(flags);
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  const wrongFlag = codeOf(error)?.startsWith('ERR_PARSE_ARGS') ?? false;
  if (wrongFlag) process.stderr.write('scripts/live --help tells the flags.\n');
  process.exitCode = wrongFlag ? 2 : 1;
}
