/**
 * A strict reader of media playlists: RFC 8216 §4, and what draft-pantos-hls-rfc8216bis adds for low latency. It
 * fails on every rule that is broken and on every tag it does not know.
 */
import assert from 'node:assert/strict';

export type Part = { uri: string; durationS: number; independent: boolean };
export type Segment = {
  sequence: number;
  /** Absolute number of discontinuities before it. */
  discontinuities: number;
  uri: string;
  durationS: number;
  map: string;
  parts: readonly Part[];
};
export type Playlist = {
  targetS: number;
  partTargetS: number;
  segments: readonly Segment[];
  /** Parts of the segment that is not complete. */
  trailing: readonly Part[];
  hint: string | undefined;
  /** Seconds from the start of the playlist where playback should begin (EXT-X-START). */
  startS: number | undefined;
  ended: boolean;
};

type Attributes = ReadonlyMap<string, string>;

/** Attribute lists, §4.2: names once each, values numbers, quoted strings or enumerated words. */
function attributesOf(value: string): Attributes {
  const attributes = new Map<string, string>();
  const pattern = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(,|$)/y;
  while (pattern.lastIndex < value.length) {
    const [, name, raw] = pattern.exec(value) ?? assert.fail(`no attribute list: ${value}`);
    assert.ok(name && raw && !attributes.has(name), `attribute ${name} is given twice`);
    attributes.set(name, raw);
  }
  return attributes;
}

function only(attributes: Attributes, ...names: string[]): void {
  for (const name of attributes.keys()) assert.ok(names.includes(name), `unknown attribute ${name}`);
}

function quoted(attributes: Attributes, name: string): string {
  const [, text] =
    /^"([^"]+)"$/.exec(attributes.get(name) ?? '') ?? assert.fail(`${name} is no quoted string`);
  return text ?? '';
}

function decimal(text: string | undefined): number {
  assert.match(text ?? '', /^\d+(\.\d+)?$/);
  return Number(text);
}

function integer(text: string): number {
  assert.match(text, /^\d{1,20}$/);
  return Number(text);
}

/** Reads a playlist; throws an AssertionError that names the rule it breaks. */
export function readPlaylist(text: string): Playlist {
  const lines = text.split('\n');
  assert.equal(lines.shift(), '#EXTM3U', '#EXTM3U is the first line (§4.3.1.1)');
  assert.equal(lines.pop(), '', 'the last line has an end');
  const once = new Map<string, string>();
  const segments: Segment[] = [];
  let parts: Part[] = [];
  let map: string | undefined;
  let durationS: number | undefined;
  let discontinuities = 0;
  let independentSegments = false;
  let hint: string | undefined;
  let ended = false;

  for (const line of lines) {
    assert.ok(line !== '' && !/[\r\t]/.test(line), `a plain line: ${JSON.stringify(line)}`);
    assert.ok(!ended, 'EXT-X-ENDLIST is the last line here');
    if (!line.startsWith('#')) {
      assert.ok(durationS !== undefined, `EXTINF comes before ${line} (§4.3.2.1)`);
      assert.ok(map, `EXT-X-MAP comes before ${line} (§4.3.2.5)`);
      const sequence = integer(once.get('EXT-X-MEDIA-SEQUENCE') ?? '0') + segments.length;
      segments.push({ sequence, discontinuities, uri: line, durationS, map, parts });
      [durationS, parts] = [undefined, []];
      continue;
    }
    const [, tag = '', value = ''] =
      /^#(EXT[A-Z0-9-]*)(?::(.*))?$/.exec(line) ?? assert.fail(`no tag: ${line}`);
    const begun = segments.length > 0 || parts.length > 0;
    switch (tag) {
      case 'EXT-X-MEDIA-SEQUENCE':
      case 'EXT-X-DISCONTINUITY-SEQUENCE':
        assert.ok(!begun && discontinuities === 0, `${tag} comes before all media (§4.3.3.2, §4.3.3.3)`);
        assert.ok(!once.has(tag), `${tag} comes once`);
        once.set(tag, value);
        if (tag === 'EXT-X-DISCONTINUITY-SEQUENCE') discontinuities = integer(value);
        break;
      case 'EXT-X-VERSION':
      case 'EXT-X-TARGETDURATION':
      case 'EXT-X-SERVER-CONTROL':
      case 'EXT-X-PART-INF':
      case 'EXT-X-START':
        assert.ok(!once.has(tag), `${tag} comes once`);
        once.set(tag, value);
        break;
      case 'EXT-X-INDEPENDENT-SEGMENTS':
        independentSegments = true;
        break;
      case 'EXT-X-DISCONTINUITY':
        assert.equal(parts.length, 0, 'a discontinuity lies between segments');
        discontinuities += 1;
        break;
      case 'EXT-X-MAP':
        only(attributesOf(value), 'URI', 'BYTERANGE');
        assert.equal(parts.length, 0, 'EXT-X-MAP lies between segments');
        map = quoted(attributesOf(value), 'URI');
        break;
      case 'EXT-X-PART': {
        const attributes = attributesOf(value);
        only(attributes, 'URI', 'DURATION', 'INDEPENDENT');
        assert.ok(map, 'EXT-X-MAP comes before the first part');
        const independent = attributes.get('INDEPENDENT');
        assert.ok(independent === undefined || independent === 'YES');
        parts.push({
          uri: quoted(attributes, 'URI'),
          durationS: decimal(attributes.get('DURATION')),
          independent: independent === 'YES',
        });
        break;
      }
      case 'EXTINF':
        durationS = decimal(/^([\d.]+),/.exec(value)?.[1]);
        break;
      case 'EXT-X-PRELOAD-HINT':
        only(attributesOf(value), 'TYPE', 'URI');
        assert.equal(attributesOf(value).get('TYPE'), 'PART');
        assert.equal(hint, undefined, 'one hint for parts');
        hint = quoted(attributesOf(value), 'URI');
        break;
      case 'EXT-X-ENDLIST':
        ended = true;
        break;
      default:
        assert.fail(`unknown tag ${tag}`);
    }
  }
  assert.equal(durationS, undefined, 'every EXTINF has its URI');
  // EXT-X-MAP outside of I-frame playlists (§7).
  assert.ok(integer(once.get('EXT-X-VERSION') ?? '0') >= 6);
  const playlist: Playlist = {
    targetS: integer(once.get('EXT-X-TARGETDURATION') ?? ''),
    partTargetS: decimal(attributesOf(once.get('EXT-X-PART-INF') ?? '').get('PART-TARGET')),
    segments,
    trailing: parts,
    hint,
    startS: startOf(once.get('EXT-X-START'), [...segments, ...parts]),
    ended,
  };
  checkTimes(playlist, attributesOf(once.get('EXT-X-SERVER-CONTROL') ?? ''));
  if (independentSegments) {
    for (const { parts: own } of segments)
      assert.ok(own.length === 0 || own[0]?.independent, 'INDEPENDENT-SEGMENTS');
  }
  return playlist;
}

/** §4.3.5.2, with the parts counted in, as the draft has it. */
function startOf(value: string | undefined, timed: readonly { durationS: number }[]): number | undefined {
  if (value === undefined) return undefined;
  only(attributesOf(value), 'TIME-OFFSET');
  const offset = attributesOf(value).get('TIME-OFFSET') ?? '';
  assert.match(offset, /^-\d+(\.\d+)?$/, 'a time before the end');
  const lengthS = timed.reduce((sum, { durationS }) => sum + durationS, 0);
  assert.ok(-Number(offset) <= lengthS, 'no longer than the playlist');
  return lengthS + Number(offset);
}

function checkTimes(
  { targetS, partTargetS, segments, trailing, hint, ended }: Playlist,
  control: Attributes,
): void {
  only(control, 'CAN-BLOCK-RELOAD', 'PART-HOLD-BACK', 'HOLD-BACK', 'CAN-SKIP-UNTIL');
  assert.equal(control.get('CAN-BLOCK-RELOAD'), 'YES');
  assert.ok(decimal(control.get('PART-HOLD-BACK')) >= 3 * partTargetS, 'PART-HOLD-BACK (§4.4.3.8)');
  assert.equal(hint === undefined, ended, 'a hint while it goes on');
  if (ended) assert.equal(trailing.length, 0, 'no part of a segment that never ends');
  for (const { uri, durationS } of segments) {
    assert.ok(
      Math.round(durationS) <= targetS,
      `${uri} lasts ${durationS} s, more than ${targetS} (§4.3.3.1)`,
    );
  }
  // §4.4.4.9: at most the target, and at least 85 % of it but for independent ones and the last of a segment.
  for (const parts of [...segments.map(segment => segment.parts), [...trailing, undefined]]) {
    for (const [index, part] of parts.entries()) {
      if (!part) continue;
      assert.ok(
        part.durationS <= partTargetS,
        `${part.uri} lasts ${part.durationS} s, more than ${partTargetS}`,
      );
      const mayBeShort = part.independent || index === parts.length - 1;
      assert.ok(
        mayBeShort || part.durationS >= 0.85 * partTargetS,
        `${part.uri} lasts only ${part.durationS} s`,
      );
    }
  }
  let behindS = trailing.reduce((sum, part) => sum + part.durationS, 0);
  for (const { uri, parts, durationS } of segments.toReversed()) {
    const sum = parts.reduce((total, part) => total + part.durationS, 0);
    assert.ok(parts.length === 0 || Math.abs(sum - durationS) < 0.001, `the parts of ${uri} make it up`);
    assert.ok(
      parts.length === 0 || behindS <= 3 * targetS + 0.001,
      `parts of ${uri} are too old to be listed`,
    );
    behindS += durationS;
  }
}

/** Asserts that `next` is what `last` may become (RFC 8216 §6.2.1, §6.2.2). */
export function checkReload(last: Playlist, next: Playlist): void {
  assert.equal(next.targetS, last.targetS, 'EXT-X-TARGETDURATION does not change');
  assert.ok((next.segments[0]?.sequence ?? 0) >= (last.segments[0]?.sequence ?? 0), 'nothing old comes back');
  const end = (playlist: Playlist): number => playlist.segments.at(-1)?.sequence ?? -1;
  assert.ok(end(next) >= end(last), 'nothing new is taken away');
  for (const segment of next.segments) {
    const before = last.segments.find(({ sequence }) => sequence === segment.sequence);
    if (!before) continue;
    const { parts: _before, ...facts } = before;
    const { parts: _after, ...factsNow } = segment;
    assert.deepEqual(factsNow, facts, 'a listed segment stays as it is');
  }
}
