/** The Multivariant Playlist (RFC 8216 §4.3.4): every rendition that HLS players can choose from. */
import { Failure } from '../lib/failure.ts';
import { rateOf } from '../live/rate.ts';
import { type LiveRendition, type MediaRendition, mainName } from '../live/renditions.ts';

/** Of the server's root: `stream.m3u8`, `240p/stream.m3u8`. */
export function mediaPlaylistPath(name: string): string {
  return name === mainName ? 'stream.m3u8' : `${name}/stream.m3u8`;
}

export type MultivariantOptions = {
  /** Appended to every address. */
  query: string;
  /** `avc1`: only renditions whose pictures are in this codec, and those without pictures. */
  codec: string | undefined;
  /** Of the media playlists: appended to their addresses after the query. */
  startsAtKeyframe: boolean;
};

/** Throws Failure `stream-offline` while there is nothing to list. */
export function multivariantPlaylist(
  renditions: readonly LiveRendition[],
  { query, codec, startsAtKeyframe }: MultivariantOptions,
): string {
  const isWanted = ({ channel }: MediaRendition): boolean => {
    const video = channel.init?.tracks.find(({ kind }) => kind === 'video');
    return codec === undefined || video === undefined || video.codec.startsWith(codec);
  };
  const variants = renditions.filter(each => each.kind === 'media').filter(isWanted);
  if (variants.length === 0) {
    throw new Failure('stream-offline', 'The stream is off. Please come back when it is live.');
  }
  const ofPlaylists = startsAtKeyframe ? `${query === '' ? '?' : `${query}&`}start=keyframe` : query;
  const lines = variants.flatMap(each => [
    `#EXT-X-STREAM-INF:${attributesOf(each)}`,
    mediaPlaylistPath(each.name) + ofPlaylists,
  ]);
  return `${['#EXTM3U', '#EXT-X-VERSION:9', '#EXT-X-INDEPENDENT-SEGMENTS', ...lines].join('\n')}\n`;
}

function attributesOf({ channel }: MediaRendition): string {
  const { averageKbps, peakKbps } = rateOf(channel.window);
  const tracks = channel.init?.tracks ?? [];
  const video = tracks.find(({ kind }) => kind === 'video');
  return [
    // At least one: a rendition that has just begun has not been measured.
    `BANDWIDTH=${Math.max(1, Math.ceil(peakKbps * 1000))}`,
    `AVERAGE-BANDWIDTH=${Math.max(1, Math.ceil(averageKbps * 1000))}`,
    `CODECS="${tracks.map(({ codec }) => codec).join(',')}"`,
    ...(video ? [`RESOLUTION=${video.width}x${video.height}`] : []),
  ].join(',');
}
