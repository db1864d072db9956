/** What real ffmpeg and ffprobe make of bytes or of an address: the judges of what we serve. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';

type Input = { bytes: Uint8Array } | { url: string };
type Finished = { exitCode: number | null; stdout: string; stderr: string };

const deadlineMs = 30_000;

async function run(program: string, args: readonly string[], input: Input): Promise<Finished> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // It may stop reading before the end.
  child.stdin.on('error', () => {});
  child.stdin.end('bytes' in input ? input.bytes : undefined);
  const late = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  await once(child, 'close');
  clearTimeout(late);
  return { exitCode: child.exitCode, stdout, stderr };
}

const nameOf = (input: Input): string => ('bytes' in input ? 'pipe:0' : input.url);

export type Decoded = {
  /** Pictures that were decoded. */
  frames: number;
  /** Everything ffmpeg complained about; empty when all is well. */
  complaints: string;
  /** How long it took. */
  ms: number;
};

/** Decodes all of it, or `seconds` of it, with every check on. */
export async function decode(input: Input, options: { seconds?: number } = {}): Promise<Decoded> {
  const begun = performance.now();
  const limit = options.seconds === undefined ? [] : ['-t', String(options.seconds)];
  const args = ['-nostdin', '-v', 'error', '-xerror', '-err_detect', 'crccheck+bitstream+buffer+careful'];
  const { exitCode, stdout, stderr } = await run(
    'ffmpeg',
    [
      ...args,
      '-i',
      nameOf(input),
      ...limit,
      '-fps_mode',
      'passthrough',
      '-progress',
      'pipe:1',
      '-f',
      'null',
      '-',
    ],
    input,
  );
  const frames = Number([...stdout.matchAll(/^frame=(\d+)$/gm)].at(-1)?.[1] ?? 0);
  const complaints = exitCode === 0 ? stderr.trim() : `exit code ${exitCode}: ${stderr.trim()}`;
  return { frames, complaints, ms: performance.now() - begun };
}

const probed = z.object({
  streams: z.array(
    z.object({
      index: z.number(),
      codec_type: z.string(),
      codec_name: z.string(),
      codec_tag_string: z.string(),
      level: z.number().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
      time_base: z.string(),
      tags: z.record(z.string(), z.string()).optional(),
    }),
  ),
  format: z.object({ tags: z.record(z.string(), z.string()).optional() }),
  packets: z.array(
    z.object({
      codec_type: z.string(),
      stream_index: z.number(),
      dts_time: z.coerce.number(),
      duration_time: z.coerce.number().optional(),
      size: z.coerce.number(),
      flags: z.string(),
    }),
  ),
});

export type Probed = z.infer<typeof probed>;

/** Streams, tags and packets as ffprobe sees them. */
export async function probe(input: Input): Promise<Probed> {
  const args = [
    '-v',
    'error',
    '-show_streams',
    '-show_format',
    '-show_packets',
    '-of',
    'json',
    nameOf(input),
  ];
  const { exitCode, stdout, stderr } = await run('ffprobe', args, input);
  if (exitCode !== 0) throw new Error(`ffprobe: ${stderr}`);
  return probed.parse(JSON.parse(stdout));
}
