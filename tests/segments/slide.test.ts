/** Slides as files: what is taken for one, and what is left of what it tells. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { cleanJpeg } from '../../app/segments/jpeg.ts';
import { renditionFolders } from '../../app/segments/rendition-names.ts';
import { SlideFile } from '../../app/segments/slide-file.ts';
import { decode } from '../kit/decode.ts';
import { tellingIn } from '../kit/telling.ts';

/** As an encoder makes it that hides nothing. */
const jpeg = (colour: string): Buffer =>
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', `color=${colour}:s=64x48,noise=alls=40`, '-frames:v', '1'],
    ...['-c:v', 'mjpeg', '-f', 'image2pipe', '-'],
  ]);

const segment = (marker: number, text: string): Buffer => {
  const header = Buffer.from([0xff, marker, 0, 0]);
  header.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([header, Buffer.from(text, 'latin1')]);
};

describe('A cleaned JPEG', () => {
  const plain = jpeg('red');
  // Where and with what it was taken, a thumbnail's text, a program's name, and something behind its end.
  const telling = Buffer.concat([
    plain.subarray(0, 2),
    segment(0xe1, 'Exif\0\0Secret position'),
    segment(0xed, 'Photoshop 3.0 Secret'),
    segment(0xfe, 'Lavc59 Secret comment'),
    plain.subarray(2),
    Buffer.from('Secret at the end'),
  ]);

  it('tells nothing but the picture, which stays as it was', async () => {
    assert.ok(tellingIn(telling).includes('Secret') && tellingIn(plain).includes('Lavc'));
    const clean = cleanJpeg(telling);
    assert.ok(clean);
    assert.deepEqual(tellingIn(clean), []);
    assert.deepEqual(await decode({ bytes: clean }).then(({ complaints, frames }) => [complaints, frames]), [
      '',
      1,
    ]);
    assert.ok(clean.length < plain.length);
    assert.deepEqual(cleanJpeg(clean), clean);
  });

  it('is none of what is cut off anywhere, or is no JPEG', () => {
    for (let length = 0; length < plain.length; length += 1)
      assert.equal(cleanJpeg(plain.subarray(0, length)), undefined, `${length} bytes`);
    for (const bytes of ['', 'GIF89a', '\x89PNG\r\n\x1a\n'])
      assert.equal(cleanJpeg(Buffer.from(bytes)), undefined);
  });

  it('never throws, whatever the bytes', () => {
    for (let at = 2; at < plain.length; at += 1) {
      for (const value of [0x00, 0xff, 0xd9, 0xda, 0xe0]) {
        const broken = Buffer.from(plain);
        broken.writeUInt8(value, at);
        cleanJpeg(broken);
      }
    }
  });
});

describe('Files of renditions', () => {
  let dir: string;
  let red: Buffer;
  let blue: Buffer;

  before(() => {
    [red, blue] = [jpeg('red'), jpeg('blue')];
  });
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slides-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('are slides when they are whole, each once, with their size', async () => {
    const file = new SlideFile(dir);
    assert.equal(await file.read(), undefined);
    await writeFile(join(dir, 'slide.jpg'), red.subarray(0, 200));
    assert.equal(await file.read(), undefined);
    await writeFile(join(dir, 'slide.jpg'), red);
    const first = await file.read();
    assert.deepEqual([first?.width, first?.height], [64, 48]);
    assert.deepEqual(tellingIn(first?.bytes ?? Buffer.from('Secret')), []);
    assert.equal(await file.read(), undefined);
    await writeFile(join(dir, 'slide.jpg'), blue);
    assert.notDeepEqual((await file.read())?.bytes, first?.bytes);
  });

  it('are found in folders with a plain name, by the playlist or the slide in them', async () => {
    for (const name of ['240p', 'slides', 'empty', 'Upper', '.hidden', 'a b']) await mkdir(join(dir, name));
    await writeFile(join(dir, '240p', 'stream.m3u8'), '#EXTM3U\n');
    for (const name of ['slides', 'Upper', '.hidden', 'a b'])
      await writeFile(join(dir, name, 'slide.jpg'), red);
    await writeFile(join(dir, 'file'), 'no folder');
    assert.deepEqual(await renditionFolders(dir), [
      { name: '240p', kind: 'media' },
      { name: 'slides', kind: 'slides' },
    ]);
    assert.deepEqual(await renditionFolders(join(dir, 'nowhere')), []);
  });
});
