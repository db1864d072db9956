import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Emotes, maxEmoteBytes, maxEmotes } from '../../app/chat/emotes.ts';
import { silentLog } from '../../app/lib/log.ts';

const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(50)]);
const webp = Buffer.concat([Buffer.from('RIFF\x32\0\0\0WEBPVP8 ', 'latin1'), Buffer.alloc(40)]);

async function emotesIn(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'emotes-'));
  t.after(() => rm(folder, { recursive: true }));
  const warnings: string[] = [];
  const emotes = new Emotes({ folder, log: { ...silentLog, warn: sentence => warnings.push(sentence) } });
  return { folder, emotes, warnings };
}

test('PNG and WebP pictures are emotes, told by their content and not by their name', async t => {
  const { folder, emotes } = await emotesIn(t);
  await writeFile(join(folder, 'wave.png'), png);
  await writeFile(join(folder, 'smile_2.webp'), webp);
  await writeFile(join(folder, 'liar.png'), webp);
  await emotes.refresh();
  assert.deepEqual(emotes.names(), ['liar', 'smile_2', 'wave']);
  assert.equal(emotes.find('wave')?.contentType, 'image/png');
  assert.equal(emotes.find('liar')?.contentType, 'image/webp');
  assert.deepEqual(emotes.find('smile_2')?.bytes, webp);
  assert.equal(emotes.has('none'), false);
});

test('everything else in the folder is left out, and pictures that can’t be used are reported once', async t => {
  const { folder, emotes, warnings } = await emotesIn(t);
  await writeFile(join(folder, 'page.png'), '<svg onload="alert(1)">');
  await writeFile(join(folder, 'empty.webp'), '');
  await writeFile(join(folder, 'huge.png'), Buffer.concat([png, Buffer.alloc(maxEmoteBytes)]));
  for (const name of [
    'x.png',
    'UPPER.png',
    'dot.dot.png',
    `${'a'.repeat(33)}.png`,
    'notes.txt',
    'anim.gif',
  ]) {
    await writeFile(join(folder, name), png);
  }
  await mkdir(join(folder, 'folder.png'));
  await symlink('/dev/zero', join(folder, 'link.png'));
  await emotes.refresh();
  assert.deepEqual(emotes.names(), []);
  assert.equal(warnings.length, 3, warnings.join('\n'));
  await emotes.refresh();
  assert.equal(warnings.length, 3);
});

test('a refresh tells what was added, replaced and removed, and nothing when all is as it was', async t => {
  const { folder, emotes } = await emotesIn(t);
  const told: (readonly string[])[] = [];
  emotes.changes.subscribe(names => told.push(names));
  await writeFile(join(folder, 'wave.png'), png);
  await emotes.refresh();
  await emotes.refresh();
  assert.deepEqual(told, [['wave']]);
  const before = emotes.find('wave')?.version;
  await writeFile(join(folder, 'new'), webp);
  await rename(join(folder, 'new'), join(folder, 'wave.png'));
  await emotes.refresh();
  assert.notEqual(emotes.find('wave')?.version, before);
  await rm(join(folder, 'wave.png'));
  await emotes.refresh();
  assert.deepEqual(told, [['wave'], ['wave'], []]);
});

test('a hint that comes during a refresh is not lost', async t => {
  const { folder, emotes } = await emotesIn(t);
  const first = emotes.refresh();
  await writeFile(join(folder, 'late.png'), png);
  await Promise.all([first, emotes.refresh(), emotes.refresh()]);
  assert.equal(emotes.has('late'), true);
});

test('a folder that is missing has no emotes', async t => {
  const { folder, emotes } = await emotesIn(t);
  await writeFile(join(folder, 'wave.png'), png);
  await emotes.refresh();
  await rename(folder, `${folder}-away`);
  await emotes.refresh();
  assert.deepEqual(emotes.names(), []);
  await rename(`${folder}-away`, folder);
  await emotes.refresh();
  assert.deepEqual(emotes.names(), ['wave']);
});

test('the number of emotes is bounded', async t => {
  const { folder, emotes, warnings } = await emotesIn(t);
  const names = Array.from({ length: maxEmotes + 5 }, (_, index) => `e${String(index).padStart(4, '0')}.png`);
  await Promise.all(names.map(name => writeFile(join(folder, name), png)));
  await emotes.refresh();
  assert.equal(emotes.names().length, maxEmotes);
  assert.match(warnings.join(), /more than 500 emotes/);
});
