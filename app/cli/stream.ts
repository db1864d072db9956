/**
 * `scripts/stream`: one source into one channel folder until Ctrl-C. Joins the flags, the configuration and the
 * terminal to the capture; knows nothing of the server, which reads the folder.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type CaptureEvents, capture } from '../capture/capture.ts';
import type { CaptureConfig } from '../capture/config.ts';
import { assertEncoderWorks, withUsableRenditions } from '../capture/encoder-check.ts';
import { findFfmpeg } from '../capture/ffmpeg.ts';
import { channelFolder } from '../capture/folder.ts';
import { readViewers, recentKbps } from '../capture/folder-stats.ts';
import { defaultSource, openSource, sources, sourceUsage } from '../capture/sources.ts';
import { StatusLine, statusText } from '../capture/status.ts';
import { loadConfig } from '../config.ts';
import { codeOf, Failure, sentenceOf } from '../lib/failure.ts';
import './exit.ts';
import { stopWhenParentGone } from './parent.ts';

const root = resolve(import.meta.dirname, '../..');

const help = `Usage: scripts/stream [flags]

Streams one source into a channel's folder, where the server finds it. Ctrl-C stops.

  --source S    what to stream (default: the screen where there is one, else the test card):
${sourceHelp()}
  --channel C   the channel to stream to (default: live)
  --streams DIR where the channels' folders are (default: stream)
  --config F    the configuration file (default: config.json)
  --help, -h    this text

Size, frame rate, bitrates, encoder and devices are set under "capture" in the configuration file.
docs/broadcasting.md tells more, also how to stream with OBS.
`;

const options = {
  source: { type: 'string' },
  channel: { type: 'string', default: 'live' },
  streams: { type: 'string', default: join(root, 'stream') },
  config: { type: 'string', default: join(root, 'config.json') },
  help: { type: 'boolean', short: 'h' },
} as const;

function sourceHelp(): string {
  return Object.entries(sources)
    .map(([name, { help }]) => `                  ${sourceUsage(name).padEnd(18)} ${help}`)
    .join('\n');
}

/** Runs the command to its end; throws a Failure, or parseArgs' error for a wrong flag. */
async function stream(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values: flags } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
  if (flags.help) {
    process.stdout.write(help);
    return;
  }
  const dir = resolve(channelFolder(flags.streams, flags.channel));
  const config = (await loadConfig(flags.config)).capture;
  const line = new StatusLine(process.stdout);
  const ffmpeg = await findFfmpeg(process.env, root);
  const machine = { ffmpeg, platform: process.platform, env: process.env, stdin: process.stdin, signal };
  const chosen =
    flags.source === undefined ? await defaultSource(config, machine) : { source: flags.source, notes: [] };
  for (const note of chosen.notes) line.note(note);
  const openInput = openSource(chosen.source, config, machine);
  await assertEncoderWorks(config, ffmpeg, signal);
  const usable = await withUsableRenditions(config, ffmpeg, signal);
  for (const note of usable.notes) line.note(note);
  // What is streamed is nobody else's business on this machine.
  process.umask(0o077);
  try {
    await capture(
      { dir, ffmpeg, openInput, events: tellOn(line, dir, flags.channel, config) },
      usable.config,
      signal,
    );
  } finally {
    line.close();
  }
  line.note('The stream has ended.');
}

function tellOn(line: StatusLine, dir: string, channel: string, config: CaptureConfig): CaptureEvents {
  let startedAt = new Date();
  let isReading = false;
  return {
    onLive(input, at) {
      startedAt = at;
      const { width, height, frameRate } = config;
      line.note(
        `Streaming ${input.title} to the channel ${channel}, ${width}×${height} at ${frameRate} fps. Ctrl-C stops.`,
      );
    },
    onProgress(progress) {
      if (isReading || progress.fps === 0) return;
      isReading = true;
      void Promise.all([recentKbps(dir), readViewers(dir)]).then(([kbps, viewers]) => {
        isReading = false;
        line.update(statusText({ uptimeMs: Date.now() - startedAt.getTime(), progress, kbps, viewers }));
      });
    },
    onNote: sentence => line.note(sentence),
    onTrouble(sentence, lines) {
      for (const each of lines) line.note(`  ffmpeg: ${each}`);
      line.note(sentence);
    },
  };
}

const stop = new AbortController();
// Every further signal is ignored: ending takes a few seconds at most, and half an end leaves files behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
stopWhenParentGone(() => stop.abort());
// A terminal that is closed takes our words no more, and that must not keep us from ending in order.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

try {
  await stream(process.argv.slice(2), stop.signal);
} catch (error) {
  const wrongFlag = codeOf(error)?.startsWith('ERR_PARSE_ARGS') ?? false;
  process.stderr.write(`${sentenceOf(error)}\n`);
  if (wrongFlag) process.stderr.write('scripts/stream --help tells the flags.\n');
  if (!wrongFlag && !(error instanceof Failure)) throw error;
  process.exitCode = wrongFlag ? 2 : 1;
} finally {
  process.stdin.destroy();
}
