import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePlaylist } from '../../app/segments/playlist.ts';

const listing = (...names: string[]): string =>
  [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-MAP:URI="init.mp4"',
    ...names.flatMap(name => ['#EXTINF:0.2,', name]),
  ].join('\n');

describe('The playlist of an encoder', () => {
  it('is read as ffmpeg writes it', () => {
    const text = `#EXTM3U\r
#EXT-X-VERSION:7\r
#EXT-X-TARGETDURATION:0\r
#EXT-X-MEDIA-SEQUENCE:41\r
#EXT-X-MAP:URI="init.mp4"\r
#EXTINF:0.200000,\r
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.678+0000\r
stream41.m4s\r
#EXT-X-DISCONTINUITY\r
#EXTINF:1.5,a title\r
stream42.m4s\r
#EXT-X-ENDLIST\r
`;
    assert.deepEqual(parsePlaylist(text), {
      mediaSequence: 41,
      initName: 'init.mp4',
      segments: [
        { name: 'stream41.m4s', durationMs: 200, discontinuity: false },
        { name: 'stream42.m4s', durationMs: 1500, discontinuity: true },
      ],
      ended: true,
    });
  });

  for (const hostile of [
    '../stream0.m4s',
    '..',
    '.',
    '.hidden',
    '/etc/passwd',
    'sub/stream0.m4s',
    'sub\\stream0.m4s',
    'C:stream0.m4s',
    'stream0.m4s\0.png',
    'stream0.m4s?x=1',
    'http://example.com/stream0.m4s',
    'stream 0.m4s',
    'strëam0.m4s',
    `${'a'.repeat(200)}.m4s`,
  ]) {
    it(`is refused for the name ${JSON.stringify(hostile.slice(0, 40))}, in a list and in EXT-X-MAP`, () => {
      const refusal = { code: 'playlist-invalid' };
      assert.throws(() => parsePlaylist(listing('stream0.m4s', hostile)), refusal);
      assert.throws(() => parsePlaylist(`#EXTM3U\n#EXT-X-MAP:URI="${hostile}"\n`), refusal);
    });
  }

  it('is empty when the file is empty, as a killed ffmpeg may leave it', () => {
    for (const text of ['', '\n', ' \r\n ']) {
      assert.deepEqual(parsePlaylist(text), {
        mediaSequence: 0,
        initName: undefined,
        segments: [],
        ended: false,
      });
    }
  });

  it('is refused when it is something else', () => {
    for (const text of ['<html>', 'stream0.m4s', '\0\0\0\x20ftypiso5', '#EXTINF:1,\nstream0.m4s']) {
      assert.throws(() => parsePlaylist(text), { code: 'playlist-invalid' });
    }
  });

  it('cut anywhere names nothing but files of the whole list, or the cut beginning of one name', () => {
    const names = ['stream7.m4s', 'stream8.m4s', 'stream9.m4s'];
    const text = `${listing(...names)}\n#EXT-X-ENDLIST\n`;
    for (let length = '#EXTM3U'.length; length < text.length; length += 1) {
      let found: readonly { name: string }[] = [];
      try {
        found = parsePlaylist(text.slice(0, length)).segments;
      } catch (error) {
        // Cut inside the URI of EXT-X-MAP.
        assert.match(text.slice(0, length), /#EXT-X-MAP[^\n]*$/, String(error));
      }
      assert.ok(found.slice(0, -1).every(({ name }, index) => name === names[index]));
      assert.ok(
        found.every(({ name }, index) => names[index]?.startsWith(name)),
        text.slice(0, length),
      );
    }
  });

  it('of ten thousand files is read, and of more refused', () => {
    const names = (count: number): string[] =>
      Array.from({ length: count }, (_, number) => `stream${number}.m4s`);
    assert.equal(parsePlaylist(listing(...names(10_000))).segments.length, 10_000);
    assert.throws(() => parsePlaylist(listing(...names(10_001))), { code: 'playlist-invalid' });
  });

  it('takes numbers that are none for zero', () => {
    const text = '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:x\n#EXTINF:soon,\nstream0.m4s\n';
    const { mediaSequence, segments } = parsePlaylist(text);
    assert.equal(mediaSequence, 0);
    assert.equal(segments[0]?.durationMs, 0);
  });
});
