import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../app/lib/failure.ts';
import { peopleConfig } from '../../app/people/config.ts';
import { parseName } from '../../app/people/name.ts';
import { below, seeded } from '../kit/seeded.ts';

const rules = peopleConfig.parse({});

test('ordinary names of the world stay as they are', () => {
  const names = [
    'Anna',
    'Łukasz',
    'Ægir',
    'Zoë',
    'Nguyễn Văn',
    'ẹ́kọ́',
    'Иван',
    'Ελένη',
    '李小龍',
    'さくら',
    '김민준',
  ];
  names.push(
    'محمد',
    'שָׁלוֹם',
    'สมชาย',
    'नमस्ते',
    'བསྒྲུབས',
    '🦊 fox',
    'd’Artagnan',
    'x'.repeat(24),
    '🦊'.repeat(24),
  );
  for (const name of names) assert.equal(parseName(name, rules), name.normalize('NFKC'));
});

test('names that are not there give the default name', () => {
  for (const name of [
    '',
    '   ',
    '\t\n',
    '\u200b\u2060',
    '\u3164',
    '\u2800',
    '\u0301',
    '\u202e',
    'Anonymous',
    ' Anonymous ',
  ]) {
    assert.equal(parseName(name, rules), undefined, JSON.stringify(name));
  }
});

const cleaned: ReadonlyArray<readonly [what: string, text: string, name: string]> = [
  ['spaces of any kind are collapsed', '  a \u00a0\u2003\t\n b\u3000', 'a b'],
  ['full-width and styled letters become plain', 'Ａｎｎａ 𝓫𝓸𝓫 ①', 'Anna bob 1'],
  ['control characters go', 'a\u0000b\u001bc\u009fd', 'abcd'],
  ['bidirectional controls go', '\u202eevil\u202c \u2066x\u2069', 'evil x'],
  ['zero-width characters go', 'a\u200bb\u200cc\u200dd\ufeffe\u2060f\u00adg', 'abcdefg'],
  ['invisible letters and tags go', 'a\u3164b\u115fc\u{e0041}d\u{e0100}e', 'abcde'],
  ['private, unassigned and lone surrogate code points go', 'a\ue000b\u0378c\ud800d', 'abcd'],
  ['marks on nothing go', '\u0301a \u0302b', 'a b'],
  ['piles of marks are cut', `x${'\u0336\u0489\u0334'.repeat(40)}y`, 'x\u0336\u0334y'],
  ['piles of a script’s own marks are cut', `ก${'\u0e49'.repeat(40)}`, 'ก\u0e49\u0e49\u0e49'],
];

for (const [what, text, name] of cleaned) {
  test(`in a name ${what}`, () => assert.equal(parseName(text, rules), name));
}

test('a name has at most 24 user-perceived characters', () => {
  assert.throws(() => parseName('x'.repeat(25), rules), {
    code: 'name-too-long',
    message: /at most 24 characters, this one 25/,
  });
  assert.throws(() => parseName('\ufdfa'.repeat(24), rules), { code: 'name-too-long' });
  assert.throws(() => parseName('\u200b'.repeat(1025), rules), { code: 'name-too-long' });
  assert.equal(parseName('क्षि'.repeat(16), rules), 'क्षि'.repeat(16));
  assert.throws(() => parseName('क्क्क्क्क्क्क्क्क्क्क्क्क'.repeat(6), rules), { code: 'name-too-long' });
});

test('a password typed into the name is not shown to anyone', () => {
  assert.throws(
    () => parseName('Anna＃hunter2', rules),
    (error: unknown) =>
      error instanceof Failure &&
      error.code === 'name-number-sign' &&
      !JSON.stringify([error.message, error.facts]).includes('hunter2'),
  );
});

test('whatever is sent, a name has nothing unseen in it, is bounded, and is a name again', () => {
  const random = seeded(1);
  const pieces = [
    'a',
    'B',
    ' ',
    '#',
    'mod',
    'ﬁ',
    '\u0301',
    '\u0336',
    '\u200d',
    '\u202e',
    '\u034f',
    '\u1160',
    '\ufe0f',
    '🦊',
    '\u{1f1e9}',
  ];
  pieces.push(
    '\u1100',
    '\u11a8',
    '\u0e49',
    '\u094d',
    '\u0915',
    '\ud800',
    '\udc00',
    '\u2028',
    '\u00a8',
    '\ufdfa',
    '\u2126',
    '\u0f73',
    '\u{1d15e}',
  );
  const code = () => (random() < 0.5 ? below(random, 0x3000) : below(random, 0x110000));
  const piece = () =>
    random() < 0.6 ? (pieces[below(random, pieces.length)] ?? '') : String.fromCodePoint(code());
  let accepted = 0;
  for (let round = 0; round < 10_000; round += 1) {
    const text = Array.from({ length: below(random, 30) }, piece).join('');
    let name: string | undefined;
    try {
      name = parseName(text, rules);
    } catch (error) {
      assert.ok(error instanceof Failure, `${JSON.stringify(text)}: ${error}`);
      assert.match(error.code, /^name-/);
      continue;
    }
    if (name === undefined) continue;
    accepted += 1;
    const shown = JSON.stringify([text, name]);
    assert.doesNotMatch(name, /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Me}#]/u, shown);
    assert.doesNotMatch(name, /^\s|\s$|\s\s|[^\S ]|\p{M}{4}|(?:^| )\p{M}/u, shown);
    assert.ok([...new Intl.Segmenter('en').segment(name)].length <= 24, shown);
    assert.ok(Buffer.byteLength(name) <= 24 * 8, shown);
    assert.equal(parseName(name, rules), name, shown);
  }
  assert.ok(accepted > 2500, `only ${accepted} names were accepted`);
});
