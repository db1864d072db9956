import { Failure } from '../lib/failure.ts';

export type ListedSegment = { name: string; durationMs: number; discontinuity: boolean };

/** A media playlist as far as an encoder's own says something we use (RFC 8216 §4.3.2, §4.3.3). */
export type MediaPlaylist = {
  mediaSequence: number;
  /** The URI of EXT-X-MAP. */
  initName: string | undefined;
  segments: readonly ListedSegment[];
  /** EXT-X-ENDLIST is there. */
  ended: boolean;
};

// Plain names only: what is listed is opened in the channel folder.
const plainName = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$/;
const maxSegments = 10_000;

function checkName(name: string): string {
  if (plainName.test(name)) return name;
  throw new Failure(
    'playlist-invalid',
    `The playlist names ${JSON.stringify(name.slice(0, 80))}; only plain file names in the channel folder are read.`,
  );
}

/**
 * Parses the encoder's playlist. An empty text is an empty playlist (a killed ffmpeg leaves one); throws Failure
 * `playlist-invalid` for one that is no media playlist.
 */
export function parsePlaylist(text: string): MediaPlaylist {
  const lines = text.split(/\r?\n/);
  if (text.trim() !== '' && lines[0]?.trim() !== '#EXTM3U') {
    throw new Failure('playlist-invalid', 'The playlist does not begin with #EXTM3U.');
  }
  const segments: ListedSegment[] = [];
  let mediaSequence = 0;
  let initName: string | undefined;
  let durationMs = 0;
  let discontinuity = false;
  let ended = false;
  for (const line of lines) {
    const [, tag, value] = /^#(EXT[A-Z0-9-]*):?(.*)$/.exec(line.trim()) ?? [];
    if (tag === 'EXTINF') durationMs = Number.parseFloat(value ?? '') * 1000 || 0;
    else if (tag === 'EXT-X-MEDIA-SEQUENCE') mediaSequence = Number.parseInt(value ?? '', 10) || 0;
    else if (tag === 'EXT-X-MAP') initName = checkName(/URI="([^"]*)"/.exec(value ?? '')?.[1] ?? '');
    else if (tag === 'EXT-X-DISCONTINUITY') discontinuity = true;
    else if (tag === 'EXT-X-ENDLIST') ended = true;
    else if (tag === undefined && line.trim() !== '' && !line.startsWith('#')) {
      segments.push({ name: checkName(line.trim()), durationMs, discontinuity });
      discontinuity = false;
    }
  }
  if (segments.length > maxSegments) {
    throw new Failure(
      'playlist-invalid',
      `The playlist lists ${segments.length} files; set hls_list_size to 50.`,
    );
  }
  return { mediaSequence, initName, segments, ended };
}
