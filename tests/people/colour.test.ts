import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  colourOf,
  colourPair,
  contrast,
  minContrast,
  parseColour,
  readableColour,
} from '../../app/people/colour.ts';
import { below, seeded } from '../kit/seeded.ts';

const background = '#18181b';
const random = seeded(2);
const anyColour = () => `#${below(random, 0x1000000).toString(16).padStart(6, '0')}`;

test('contrast is that of WCAG 2', () => {
  assert.equal(contrast('#ffffff', '#000000'), 21);
  assert.equal(contrast('#777777', '#777777'), 1);
  assert.equal(contrast('#767676', '#ffffff').toFixed(2), '4.54');
});

test('any colour becomes readable on any background, and a readable one stays', () => {
  for (let round = 0; round < 10_000; round += 1) {
    const chosen = anyColour();
    const behind = round % 2 === 0 ? background : anyColour();
    const readable = readableColour(chosen, behind);
    const shown = `${chosen} on ${behind} became ${readable}`;
    assert.match(readable, /^#[0-9a-f]{6}$/, shown);
    assert.ok(contrast(readable, behind) >= minContrast, shown);
    if (contrast(chosen, behind) >= minContrast) assert.equal(readable, chosen);
    // No lighter than need be: `nearest` means that hardly any contrast is given away.
    else assert.ok(contrast(readable, behind) < minContrast + 0.3, shown);
  }
});

test('an unreadable colour keeps its hue', () => {
  const dominant = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16));
    return red > green && red > blue ? 'red' : green > blue ? 'green' : 'blue';
  };
  for (const [hex, hue] of [
    ['#600000', 'red'],
    ['#004000', 'green'],
    ['#0000ff', 'blue'],
  ] as const) {
    assert.equal(dominant(readableColour(hex, background)), hue);
  }
  assert.match(readableColour('#000000', background), /^#(..)\1\1$/);
});

test('generated colours are readable on dark and light pages and spread over all hues', () => {
  for (const behind of [background, '#ffffff', '#777777']) {
    const colours = Array.from({ length: 2000 }, (_, index) =>
      colourOf(
        below(random, 2 ** 32)
          .toString(16)
          .padStart(8, '0') + index.toString(16).padStart(8, '0'),
        behind,
      ),
    );
    for (const colour of colours)
      assert.ok(contrast(colour, behind) >= minContrast, `${colour} on ${behind}`);
  }
  const sixths = new Map<string, number>();
  for (let round = 0; round < 3000; round += 1) {
    const id = randomBytes(8).toString('hex');
    const colour = colourOf(id, background);
    assert.equal(colourOf(id, background), colour);
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16));
    const order = `${red > green}${green > blue}${blue > red}`;
    sixths.set(order, (sixths.get(order) ?? 0) + 1);
  }
  assert.equal(sixths.size, 6);
  for (const [order, count] of sixths) assert.ok(count > 100, `${order}: ${count} of 3000`);
});

test('a pair of colours is readable on itself, whatever the bytes', () => {
  const backgrounds = new Set<string>();
  for (let round = 0; round < 10_000; round += 1) {
    const pair = colourPair(Uint8Array.from({ length: 4 }, () => below(random, 256)));
    assert.ok(contrast(pair.foreground, pair.background) >= minContrast, JSON.stringify(pair));
    backgrounds.add(pair.background);
  }
  assert.ok(backgrounds.size > 5000);
});

test('colours are read as colour fields send them, and nothing else is', () => {
  assert.equal(parseColour('#4FC3F7'), '#4fc3f7');
  assert.equal(parseColour(' 4fc3f7 '), '#4fc3f7');
  assert.equal(parseColour('#1bF'), '#11bbff');
  for (const text of [
    '',
    'red',
    '#12',
    '#12345',
    '#1234567',
    'url(x)',
    '#fff;color:red',
    '\u0000',
    'ＦＦＦ',
    'x'.repeat(100_000),
  ]) {
    assert.throws(() => parseColour(text), { code: 'colour-invalid' });
  }
});
