import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { alphabet, foldAnswer, randomText } from '../../app/people/captcha/alphabet.ts';
import { draw, pictureSize } from '../../app/people/captcha/draw.ts';
import { createCryptoRandom } from '../../app/people/captcha/random.ts';
import { seeded } from '../kit/seeded.ts';

type Chunk = { type: string; data: Buffer };

function chunksOf(png: Buffer): Chunk[] {
  assert.equal(png.toString('hex', 0, 8), '89504e470d0a1a0a');
  const chunks: Chunk[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    assert.equal(png.readUInt32BE(at + 8 + length), crc32(png.subarray(at + 4, at + 8 + length)));
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += length + 12;
  }
  return chunks;
}

/** What ffmpeg makes of a PNG: one byte a pixel. */
function decoded(png: Buffer): Buffer {
  const args = '-v error -f png_pipe -i pipe:0 -f rawvideo -pix_fmt gray pipe:1'.split(' ');
  const { status, stdout, stderr } = spawnSync('ffmpeg', args, { input: png, timeout: 20_000 });
  assert.equal(status, 0, stderr.toString());
  return stdout;
}

test('a picture is a PNG of 220×80 that names no program, no time and no letter', () => {
  const random = seeded(1);
  for (let i = 0; i < 50; i++) {
    const text = randomText(5, random);
    const png = draw(text, random);
    assert.ok(png.length < 8000, `${png.length} bytes`);
    const chunks = chunksOf(png);
    assert.deepEqual(
      chunks.map(({ type }) => type),
      ['IHDR', 'PLTE', 'IDAT', 'IEND'],
    );
    assert.equal(chunks[0]?.data.readUInt32BE(0), pictureSize.width);
    assert.equal(chunks[0]?.data.readUInt32BE(4), pictureSize.height);
    for (const leak of [text, 'svg', 'path']) assert.equal(png.includes(leak), false, leak);
  }
});

test('a decoder finds paper, ink and soft edges in it', () => {
  const pixels = decoded(draw('KHART', seeded(2)));
  assert.equal(pixels.length, pictureSize.width * pictureSize.height);
  const dark = pixels.filter(pixel => pixel < 60).length / pixels.length;
  const light = pixels.filter(pixel => pixel > 210).length / pixels.length;
  assert.ok(dark > 0.15 && light > 0.15, `${dark} dark, ${light} light`);
  assert.ok(dark + light < 0.99);
});

test('the same numbers draw the same picture, others another', () => {
  assert.deepEqual(draw('KHART', seeded(3)), draw('KHART', seeded(3)));
  assert.notDeepEqual(draw('KHART', seeded(3)), draw('KHART', seeded(4)));
  assert.notDeepEqual(draw('KHART', seeded(3)), draw('KHARF', seeded(3)));
  const random = createCryptoRandom();
  assert.notDeepEqual(draw('KHART', random), draw('KHART', random));
});

test('every letter of the alphabet has a shape of its own, and no other letter can be drawn', () => {
  const drawn = [...alphabet].map(letter => draw(letter.repeat(4), seeded(5)).toString('base64'));
  assert.equal(new Set(drawn).size, alphabet.length);
  for (const letter of ['O', 'a', '7', 'É', ' ']) {
    assert.throws(() => draw(`A${letter}`, seeded(5)), { code: 'captcha-letter' });
  }
});

test('drawing takes less than 10 ms of CPU', () => {
  const random = seeded(6);
  const drawSome = () => Array.from({ length: 40 }, () => draw(randomText(6, random), random));
  drawSome();
  const before = process.cpuUsage();
  drawSome();
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 1000 / 40 < 10, `${(user + system) / 1000 / 40} ms`);
});

test('an answer counts in any case, with spaces, in look-alikes and from another keyboard', () => {
  const same = ['bsdz', ' B S\tD Z\n', 'b-s-d-z', '8502', '85oz', 'Вsdz', 'ＢＳＤＺ', 'b\u200bsdz'];
  for (const answer of same) assert.equal(foldAnswer(answer), 'BSDZ', JSON.stringify(answer));
  assert.equal(foldAnswer('КНМТ'), 'KHMT');
  assert.notEqual(foldAnswer('bsd'), foldAnswer('bsdz'));
});

test('no letter of the alphabet is taken for another, and all of them come up', () => {
  for (const letter of alphabet) {
    assert.equal(foldAnswer(letter), letter);
    assert.equal(foldAnswer(letter.toLowerCase()), letter);
  }
  assert.equal(new Set(randomText(2000, createCryptoRandom())).size, alphabet.length);
});

test('an endless answer costs nothing', () => {
  assert.ok(foldAnswer('\u{1f600}ﷺ'.repeat(1e6)).length < 2000);
});
