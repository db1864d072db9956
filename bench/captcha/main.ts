/**
 * How many captchas does an OCR program solve? Draws 200, lets tesseract read them as they are and after each of an
 * attacker's first ideas, prints a table and ends with 1 when any attack solves more than its target.
 *
 *     node bench/captcha/main.ts [--count 200] [--seed 1]
 *
 * An answer is compared as the site compares it: case, spaces and look-alikes are forgiven.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { codeOf } from '../../app/lib/failure.ts';
import { alphabet, foldAnswer, randomText } from '../../app/people/captcha/alphabet.ts';
import { captchaConfig } from '../../app/people/captcha/config.ts';
import { moved } from '../../app/people/captcha/contour.ts';
import { draw } from '../../app/people/captcha/draw.ts';
import { glyphOf } from '../../app/people/captcha/glyphs.ts';
import { Canvas } from '../../app/people/captcha/raster.ts';
import { seeded } from '../../tests/kit/seeded.ts';
import { type Attack, attacksOn } from './attacks.ts';
import { decodePng, type Image } from './image.ts';
import { big } from './repairs.ts';
import { read } from './tesseract.ts';

/** Below this the reader is at fault, and what it doesn't read of the captchas means nothing. */
const minControlPercent = 50;

const { values: flags } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(flags.count ?? 200);
const seed = Number(flags.seed ?? 1);
const { length } = captchaConfig.parse(undefined);
const texts = Array.from({ length: count }, (_, index) => randomText(length, seeded(seed * 100_000 + index)));
const folder = await mkdtemp(join(tmpdir(), 'captcha-bench-'));

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  if (codeOf(error) !== 'ENOENT') throw error;
  console.error(
    'tesseract is not installed, and this bench is nothing without it: apt-get install tesseract-ocr',
  );
  process.exitCode = 2;
} finally {
  await rm(folder, { recursive: true });
}

/** Whether every target is met. */
async function run(): Promise<boolean> {
  const random = seeded(seed);
  texts.forEach(text => {
    draw(text, random);
  });
  const before = process.cpuUsage();
  const pngs = texts.map(text => draw(text, random));
  const { user, system } = process.cpuUsage(before);
  const bytes = pngs.map(png => png.length).sort((a, b) => a - b);
  console.log(`${count} captchas of ${length} letters, seed ${seed}`);
  console.log(`${((user + system) / 1000 / count).toFixed(2)} ms CPU each`);
  console.log(`${bytes[count >> 1]} bytes each (median; at most ${bytes.at(-1)})\n`);

  const plain: Attack = {
    name: 'control: undistorted',
    mode: 7,
    whitelist: true,
    targetPercent: 100,
    prepare: it => [it],
  };
  const control = await solvedBy(plain, texts.map(plainImage));
  let met = row(
    plain.name,
    control.size,
    `at least ${minControlPercent} %`,
    control.size >= (count * minControlPercent) / 100,
  );

  const images = pngs.map(decodePng);
  const byAny = new Set<number>();
  for (const attack of attacksOn(length)) {
    const solved = await solvedBy(attack, images);
    for (const index of solved) byAny.add(index);
    const isMet = solved.size <= (count * attack.targetPercent) / 100;
    met = row(attack.name, solved.size, `at most ${attack.targetPercent} %`, isMet) && met;
  }
  row('by at least one of them', byAny.size, '', true);
  return met;
}

/** The letters in a row, for tesseract to show that it can read them. */
function plainImage(text: string): Image {
  const canvas = new Canvas(text.length * 48 + 32, 80);
  [...text].forEach((letter, index) => {
    canvas.invert(glyphOf(letter).map(it => moved(it, (x, y) => [40 + 48 * index + 40 * x, 40 + 40 * y])));
  });
  const { width, height, shades } = canvas.shades();
  return big({ width, height, pixels: shades.map(shade => 255 - 17 * shade) });
}

/** The indices of the pictures that the attack solves. */
async function solvedBy(attack: Attack, images: readonly Image[]): Promise<Set<number>> {
  const parts = images.map(attack.prepare);
  const whitelist = alphabet + alphabet.toLowerCase();
  const readings = await read(parts.flat(), folder, {
    mode: attack.mode,
    ...(attack.whitelist ? { whitelist } : {}),
  });
  const solved = new Set<number>();
  let at = 0;
  parts.forEach(({ length: partCount }, index) => {
    const answer = readings.slice(at, at + partCount).join('');
    at += partCount;
    if (foldAnswer(answer) === texts[index]) solved.add(index);
  });
  return solved;
}

function row(name: string, solved: number, target: string, isMet: boolean): boolean {
  const share = `${((100 * solved) / count).toFixed(1)} %`;
  console.log(
    `${name.padEnd(42)} ${String(solved).padStart(4)} ${share.padStart(8)}  ${isMet ? target : `MISSED: ${target}`}`,
  );
  return isMet;
}
