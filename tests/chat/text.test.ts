import assert from 'node:assert/strict';
import { test } from 'node:test';
import { characterCount, cleanText, lineCount } from '../../app/chat/text.ts';
import { codeOf } from '../../app/lib/failure.ts';
import { below, seeded } from '../kit/seeded.ts';

const limits = { maxLength: 512, maxLines: 20 };
const clean = (text: string) => cleanText(text, limits);

test('a text is stored composed, with LF, without trailing spaces and with two blank lines at most', () => {
  assert.equal(clean('e\u0301'), 'é');
  assert.equal(clean('a\r\nb\rc\u2028d\u0085e\vf'), 'a\nb\nc\nd\ne\nf');
  assert.equal(clean('a  \n  b\t\u00a0\nc '), 'a\n  b\nc');
  assert.equal(clean('\n \na\n\n\n\n\nb\n\n'), 'a\n\n\nb');
  assert.equal(clean('a\tb'), 'a  b');
});

test('characters that control the terminal or turn the direction of text are removed', () => {
  assert.equal(clean('a\u0000\u001b[31m\u007f\u009bb'), 'a[31mb');
  assert.equal(clean('\u202egnp.exe\u202c \u2066x\u2069\u206a\ufeff\uffff\u{1fffe}'), 'gnp.exe x');
  // Marks that a right-to-left text needs stay, as does what joins an emoji.
  assert.equal(clean('שלום\u200f! 👩\u200d💻'), 'שלום\u200f! 👩\u200d💻');
});

test('a lone half of a surrogate pair becomes a replacement character', () => {
  assert.equal(clean('a\ud800b'), 'a\ufffdb');
});

test('marks piled on a letter are cut, an ordinary number of them stays', () => {
  assert.equal(clean(`x${'\u0335'.repeat(100)}y`), `x${'\u0335'.repeat(6)}y`);
  assert.equal(clean('ཧཱུྃ'), 'ཧཱུྃ');
});

test('a text without anything to see is refused', () => {
  for (const nothing of [
    '',
    ' ',
    '\n\n',
    '\u200b\u200d',
    '\u2800\u3164',
    '\u{e0041}',
    '\u00ad \u2060',
    '\u202e',
  ]) {
    assert.throws(() => clean(nothing), { code: 'message-empty' }, JSON.stringify(nothing));
  }
});

test('lines of invisible characters count as blank lines', () => {
  assert.equal(clean('a\n\u200b\n\u2800\n\u200b\n\u2060\nb'), 'a\n\n\nb');
});

test('length is counted as a person counts, and the refusal says how long it was', () => {
  assert.equal(characterCount('👩‍👩‍👧‍👦e\u0301🇨🇭'), 3);
  assert.equal(clean('🇨🇭'.repeat(512)).length, 2048);
  assert.equal(clean('漢'.repeat(512)).length, 512);
  assert.throws(() => clean('a'.repeat(513)), { code: 'message-too-long', message: /has 513 characters/ });
  assert.throws(() => clean(`${'a\n'.repeat(20)}a`), {
    code: 'message-too-many-lines',
    message: /has 21 lines/,
  });
});

test('a few characters made of many bytes are refused', () => {
  assert.throws(() => clean('👩‍👩‍👧‍👦'.repeat(200)), { code: 'message-too-long', message: /composed/ });
  assert.throws(() => clean('a'.repeat(10_000_000)), { code: 'message-too-long' });
});

// What is hard about text, and plain letters so that some of it passes.
const pieces =
  'a b é e\u0301 \u0335 \u0f71\u0f74 \r\n \n \r \t \u2028 \u0000 \u001b \u200b \u200d \u202e \u2066 \ud800 \udc00 😀 👩\u200d💻 🇨🇭 가 ᄀ ᅡ ᆨ ﬁ \ufb1d \u2126 \ufdd0 \uffff \u3164 \u2800 \u00a0 > < & " \u{e0041} ;'
    .split(' ')
    .concat(' ', ' ', '\n');

test('whatever is typed: it is refused or fits, holds nothing unwanted, and cleaning again changes nothing', () => {
  const random = seeded(11);
  let passed = 0;
  for (let round = 0; round < 20_000; round++) {
    const length = below(random, round % 10 === 0 ? 1200 : 30);
    const typed = Array.from({ length }, () => pieces[below(random, pieces.length)]).join('');
    const small = { maxLength: 1 + below(random, 300), maxLines: 1 + below(random, 25) };
    const shown = JSON.stringify({ typed, ...small });
    try {
      const text = cleanText(typed, small);
      passed++;
      assert.ok(characterCount(text) <= small.maxLength && lineCount(text) <= small.maxLines, shown);
      assert.ok(Buffer.byteLength(text) <= small.maxLength * 8, shown);
      assert.doesNotMatch(
        text,
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/,
        shown,
      );
      assert.doesNotMatch(text, /\s$|\n{4}|[ \u00a0]\n|^\n/, shown);
      assert.ok(text.isWellFormed() && text === text.normalize('NFC') && text !== '', shown);
      assert.equal(cleanText(text, small), text, shown);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.match(codeOf(error) ?? String(error), /^message-(empty|too-long|too-many-lines)$/, shown);
    }
  }
  assert.ok(passed > 5000, `only ${passed} passed`);
});

test('the worst text of the size that is looked at costs little', () => {
  for (const worst of ['\u0335', ' ', '\n', ' \n', 'a\u0335', '\ud800', '\u200b', '👩‍', '가']) {
    const typed = worst.repeat(8192 / worst.length);
    const startMs = performance.now();
    assert.throws(() => cleanText(`${typed}`, { maxLength: 10, maxLines: 2 }), /message/i);
    try {
      cleanText(typed, { maxLength: 512, maxLines: 8192 });
    } catch (error) {
      assert.match(codeOf(error) ?? String(error), /^message-/);
    }
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs < 250, `${JSON.stringify(worst)} took ${tookMs} ms`);
  }
});
