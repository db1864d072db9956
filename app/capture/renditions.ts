/** The `capture.renditions` slice of config.json: what is encoded beside the main rendition, out of the same picture. */
import { z } from 'zod';
import { Failure } from '../lib/failure.ts';

/** Pictures and sound, smaller than the main rendition or in another codec. */
export type PicturesRendition = {
  kind: 'pictures';
  name: string;
  height: number;
  videoBitrateKbps: number;
  audioBitrateKbps: number;
  codec: (typeof pictureCodecs)[number];
};

export type SoundRendition = {
  kind: 'sound';
  name: string;
  audioBitrateKbps: number;
  codec: (typeof soundCodecs)[number];
};

/** One JPEG every `everyS` seconds. */
export type SlidesRendition = { kind: 'slides'; name: string; height: number; everyS: number };

export type Rendition = PicturesRendition | SoundRendition | SlidesRendition;

const pictureCodecs = ['h264', 'vp9', 'av1'] as const;
const soundCodecs = ['opus', 'aac'] as const;

/** More would cost more processor than they help anybody. */
const maxRenditions = 7;
/** The main rendition's name among the others. */
export const mainName = 'main';
/** `hls` is where the main rendition's media are: /hls/part1.m4s. */
const takenNames: ReadonlySet<string> = new Set([mainName, 'hls']);

/** As written in config.json; which of the three it is follows from `video` and `everyS`. */
const written = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -: it is a folder and an address'),
    video: z.boolean().default(true),
    height: z.int().min(72).max(2160).multipleOf(2, 'must be even').optional(),
    videoBitrateKbps: z.int().min(20).max(20_000).optional(),
    audioBitrateKbps: z.int().min(16).max(320).optional(),
    codec: z.enum([...pictureCodecs, ...soundCodecs]).optional(),
    everyS: z.number().min(1).max(60).optional(),
  })
  .transform((value, context): Rendition => {
    const { name, video, height, videoBitrateKbps, audioBitrateKbps, codec, everyS } = value;
    try {
      if (everyS !== undefined) {
        refuse(
          { video: video ? undefined : video, videoBitrateKbps, audioBitrateKbps, codec },
          'with everyS',
        );
        return { kind: 'slides', name, everyS, height: need(height, 'height') };
      }
      if (!video) {
        refuse({ height, videoBitrateKbps }, 'with "video": false');
        const sound = soundCodecs.find(each => each === (codec ?? 'opus'));
        return {
          kind: 'sound',
          name,
          audioBitrateKbps: audioBitrateKbps ?? 32,
          codec: need(sound, soundWords),
        };
      }
      return {
        kind: 'pictures',
        name,
        height: need(height, 'height'),
        videoBitrateKbps: need(videoBitrateKbps, 'videoBitrateKbps'),
        audioBitrateKbps: audioBitrateKbps ?? 32,
        codec: need(
          pictureCodecs.find(each => each === (codec ?? 'h264')),
          pictureWords,
        ),
      };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      context.addIssue(error.message);
      return z.NEVER;
    }
  });

const soundWords = `codec ${soundCodecs.join(' or ')}`;
const pictureWords = `codec ${pictureCodecs.join(', ')}`;

function need<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new Failure('config-invalid', `needs ${what}`);
}

function refuse(values: Readonly<Record<string, unknown>>, where: string): void {
  const given = Object.entries(values).find(([, value]) => value !== undefined)?.[0];
  if (given !== undefined)
    throw new Failure('config-invalid', `${given} means nothing ${where}: leave it out`);
}

/** Cheap enough for any machine that streams at all (docs/broadcasting.md has the figures). */
const cheapOnes = [
  { name: 'audio', video: false, audioBitrateKbps: 32 },
  { name: 'slides', everyS: 4, height: 240 },
];

/** What `renditions` may be; what depends on the main rendition is checked with that (renditionProblems). */
export const renditionsConfig = z
  .array(written)
  .max(maxRenditions)
  .check(({ value, issues }) => {
    const seen = new Set<string>();
    for (const [index, { name }] of value.entries()) {
      const message = takenNames.has(name)
        ? 'is taken by the main rendition: use another'
        : seen.has(name)
          ? 'is there twice: a name is one folder'
          : undefined;
      if (message) issues.push({ code: 'custom', path: [index, 'name'], input: name, message });
      seen.add(name);
    }
  })
  .prefault(cheapOnes);
