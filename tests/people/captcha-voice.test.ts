import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Log, silentLog } from '../../app/lib/log.ts';
import { captchaConfig } from '../../app/people/captcha/config.ts';
import { findEspeak } from '../../app/people/captcha/espeak.ts';
import { CaptchaPool } from '../../app/people/captcha/pool.ts';

/** Writes half a second of a tone, as espeak-ng writes speech; used where espeak-ng is not installed. */
const toneProgram = `#!${process.execPath}
const wav = Buffer.alloc(44 + 22050);
wav.write('RIFF', 0); wav.write('WAVEfmt ', 8); wav.writeUInt32LE(16, 16); wav.writeUInt16LE(1, 20);
wav.writeUInt16LE(1, 22); wav.writeUInt32LE(22050, 24); wav.writeUInt16LE(16, 34); wav.write('data', 36);
for (let i = 0; i < 11025; i++) wav.writeInt16LE(Math.round(9000 * Math.sin(i / 8)), 44 + 2 * i);
process.stdout.write(wav);
`;

async function folderWith(t: TestContext, program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'espeak-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'espeak-ng'), program);
  await chmod(join(folder, 'espeak-ng'), 0o700);
  return folder;
}

async function pool(t: TestContext, options: { path?: string; log?: Log; spoken?: boolean } = {}) {
  const real = findEspeak(process.env.PATH ?? '');
  const path = options.path ?? (real ? dirname(real) : await folderWith(t, toneProgram));
  const captchas = new CaptchaPool(
    { now: () => 0, log: options.log ?? silentLog, path },
    captchaConfig.parse({ poolSize: 4, spoken: options.spoken ?? true }),
  );
  t.after(() => captchas.close());
  return captchas;
}

test('a captcha can be heard: a WAV of a few seconds, neither silent nor clipped', async t => {
  const captchas = await pool(t);
  assert.equal(captchas.speaks, true);
  const { id } = captchas.issue('ann');
  const wav = await captchas.speech(id);
  assert.ok(wav);
  assert.equal(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 16), 'RIFFWAVEfmt ');
  assert.equal(wav.readUInt32LE(4), wav.length - 8);
  const samples = wav.subarray(44, 44 + wav.readUInt32LE(40));
  const seconds = samples.length / wav.readUInt32LE(24);
  assert.ok(seconds > 4 && seconds < 20, `${seconds} s`);
  const loud = samples.filter(sample => Math.abs(sample - 128) > 20).length / samples.length;
  const clipped = samples.filter(sample => sample === 0 || sample === 255).length / samples.length;
  assert.ok(loud > 0.05 && clipped < 0.01, `${loud} loud, ${clipped} clipped`);
});

test('it sounds the same each time, so that nothing is learned by listening often', async t => {
  const captchas = await pool(t);
  const { id } = captchas.issue('ann');
  const [first, second] = [await captchas.speech(id), await captchas.speech(id)];
  assert.ok(first && second);
  assert.deepEqual(second, first);
});

test('it is not heard once answered', async t => {
  const captchas = await pool(t);
  const { id } = captchas.issue('ann');
  captchas.solve(id, 'no');
  assert.equal(await captchas.speech(id), undefined);
  assert.equal(await captchas.speech('no such id'), undefined);
});

test('without espeak-ng, or when it is not wanted, nothing is offered', async t => {
  for (const captchas of [await pool(t, { path: '' }), await pool(t, { spoken: false })]) {
    assert.equal(captchas.speaks, false);
    assert.equal(await captchas.speech(captchas.issue('ann').id), undefined);
  }
});

test('an espeak-ng that fails is logged without the letters, and the picture stays', async t => {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (sentence: string) => warnings.push(sentence) };
  const captchas = await pool(t, { path: await folderWith(t, '#!/bin/sh\nexit 3\n'), log });
  const { id } = captchas.issue('ann');
  assert.equal(await captchas.speech(id), undefined);
  assert.ok(captchas.picture(id));
  assert.equal(await captchas.speech(id), undefined);
  assert.equal(warnings.length, 1);
  assert.match(warnings.join(), /^espeak-ng made no sound \(exit code 3\)/);
  assert.doesNotMatch(warnings.join(), /alfa|bravo|[A-Z], /);
});

test('too many listeners at once are told so instead of being queued without end', async t => {
  const captchas = await pool(t);
  const ids = Array.from({ length: 40 }, () => captchas.issue('ann').id);
  const answers = await Promise.allSettled(ids.map(id => captchas.speech(id)));
  const refused = answers.filter(answer => answer.status === 'rejected');
  assert.ok(refused.length >= 20 && refused.length < 40, `${refused.length} refused`);
  assert.ok(refused.every(({ reason }) => reason.code === 'busy'));
});

test('closing while someone listens ends the recording', async t => {
  const captchas = await pool(t, { path: await folderWith(t, '#!/bin/sh\nexec sleep 30\n') });
  const beganMs = performance.now();
  const speech = captchas.speech(captchas.issue('ann').id);
  await captchas.close();
  assert.equal(await speech, undefined);
  assert.ok(performance.now() - beganMs < 5000);
});
