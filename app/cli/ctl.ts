/** `scripts/ctl`: gives commands to the server that runs, or follows what happens there. */
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { findControlSocket } from '../control/socket-path.ts';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import './exit.ts';
import { type Connection, openConnection } from './ctl-connection.ts';

const help = `Usage: scripts/ctl [--data DIR] [--json] COMMAND [ARGUMENT…]

Gives a command to the server that runs, as the broadcaster. Without a command it reads one from each line of stdin.

  scripts/ctl help               lists the commands
  scripts/ctl title "My stream"  sets the title
  scripts/ctl ban Ada 2h spam    bans for two hours
  scripts/ctl events             tells all that happens in stream and chat, as JSON lines, until Ctrl-C

  --data DIR    the data folder of the server (default: data/ of the project)
  --json        the answer is one line of JSON: {"ok","sentence","lines","data"} or {"ok","code","sentence"}
  --help, -h    this text

Flags come before the command. It ends with 0 when the command was carried out, 1 when it was refused, 2 for a wrong
flag, and 3 when no server runs. docs/moderating.md tells more.
`;

type Flags = { dataDir: string; json: boolean; help: boolean; words: readonly string[] };

/** Flags end where the command begins: a text may begin with a dash. */
function parseFlags(argv: readonly string[]): Flags {
  const flags = { dataDir: resolve(import.meta.dirname, '../../data'), json: false, help: false };
  let at = 0;
  for (; at < argv.length; at++) {
    const flag = argv[at] ?? '';
    if (!flag.startsWith('-')) break;
    if (flag === '--json') flags.json = true;
    else if (flag === '--help' || flag === '-h') flags.help = true;
    else if (flag.startsWith('--data=')) flags.dataDir = resolve(flag.slice('--data='.length));
    else if (flag === '--data' && argv[at + 1] !== undefined) flags.dataDir = resolve(argv[++at] ?? '');
    else throw new Failure('flag-invalid', `${flag} is no flag, or lacks its value.`);
  }
  return { ...flags, words: argv.slice(at) };
}

/** Returns the exit code. */
async function ctl(flags: Flags): Promise<number> {
  await using connection = await openConnection(await findControlSocket(flags.dataDir));
  const [first] = flags.words;
  if (first === 'events' && flags.words.length === 1) return await follow(connection);
  if (first !== undefined) return await give(connection, JSON.stringify({ words: flags.words }), flags);
  let code = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    if (line.trim() === 'events') return await follow(connection);
    code = Math.max(code, await give(connection, JSON.stringify({ line }), flags));
  }
  return code;
}

async function give(connection: Connection, request: string, { json }: Flags): Promise<number> {
  const { text, answer } = await connection.ask(request);
  const told = answer.ok ? process.stdout : process.stderr;
  if (json) process.stdout.write(`${escaped(text)}\n`);
  else told.write(`${[answer.sentence, ...(answer.lines ?? [])].map(harmless).join('\n')}\n`);
  return answer.ok ? 0 : 1;
}

/** What viewers and moderators wrote must not steer the terminal: a line of text without what does. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ');
}

/** The same for a line of JSON, which escapes some of it itself. */
function escaped(json: string): string {
  return json.replace(
    /[\u007f-\u009f\p{Bidi_Control}]/gu,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Until the server ends, or whoever follows has enough of it. */
async function follow(connection: Connection): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0));
  for await (const line of connection.events()) {
    // One who does not read our output is waited for; the server counts what he misses meanwhile.
    if (!process.stdout.write(`${escaped(line)}\n`))
      await new Promise(done => process.stdout.once('drain', done));
  }
  process.stderr.write('The server has ended.\n');
  return 3;
}

// A reader that has enough of it, such as head, is no mistake.
process.stdout.on('error', error => process.exit(codeOf(error) === 'EPIPE' ? 0 : 1));

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(help);
  else process.exitCode = await ctl(flags);
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  const wrongFlag = codeOf(error) === 'flag-invalid';
  if (wrongFlag) process.stderr.write('scripts/ctl --help tells the flags.\n');
  process.exitCode = wrongFlag ? 2 : codeOf(error) === 'server-missing' ? 3 : 1;
}
