import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatText, type Piece } from '../../app/chat/format.ts';
import { below, seeded } from '../kit/seeded.ts';

const emotes = new Set(['wave', 'no', 'yes', 'a_1']);
const onion = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion';

/** `type(text)` for each piece that is more than text. */
const told = (text: string) =>
  formatText(text, emotes)
    .filter(piece => piece.type !== 'text')
    .map(piece => `${piece.type}(${piece.text.replace('\n', 'LF')})`);
const only = (text: string): Piece | undefined => {
  const pieces = formatText(text, emotes);
  assert.equal(pieces.length, 1, JSON.stringify(pieces));
  return pieces[0];
};

test('http and https links are found, without the punctuation around them', () => {
  assert.deepEqual(told('see https://example.org/a?b=c#d, or (http://example.org/x_(y)).'), [
    'link(https://example.org/a?b=c#d)',
    'link(http://example.org/x_(y))',
  ]);
  assert.deepEqual(told('<https://example.org/> "http://example.org"'), [
    'link(https://example.org/)',
    'link(http://example.org)',
  ]);
  assert.deepEqual(only('Https://EXAMPLE.org'), {
    type: 'link',
    text: 'Https://EXAMPLE.org',
    href: 'https://example.org/',
  });
});

test('an onion address is a link without a scheme, too', () => {
  assert.deepEqual(only(`${onion}/chat`), {
    type: 'link',
    text: `${onion}/chat`,
    href: `http://${onion}/chat`,
  });
  assert.deepEqual(told(`www.${onion}:8080. x${onion} ${onion}x me@${onion}`), [`link(www.${onion}:8080)`]);
});

test('nothing else is a link', () => {
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'http://',
    'http://localhost/x',
    'https://friend.org@evil.org/',
    'https://a:b@evil.org',
    'https://[::1]/',
    'https://exa mple',
    'ftp://example.org',
  ]) {
    assert.deepEqual(told(text), [], text);
  }
});

test('the address of a link is plain ASCII', () => {
  const piece = only('https://ex\u00e4mple.org/\u00fc?\u4e2d');
  assert.ok(piece?.type === 'link');
  assert.equal(piece.href, 'https://xn--exmple-cua.org/%C3%BC?%E4%B8%AD');
});

test('a line that begins with > is a quote as a whole, >>12 is an answer', () => {
  assert.deepEqual(told('>be me @ada\n>>12 yes\n>>> no\n> >>3\na > b'), [
    'quote(>be me @ada)',
    'break(LF)',
    'reply(>>12)',
    'break(LF)',
    'quote(>>> no)',
    'break(LF)',
    'quote(> >>3)',
    'break(LF)',
  ]);
  assert.deepEqual(told('>>12>>13 and >>0 >>1234567890123456'), ['reply(>>12)', 'reply(>>13)']);
});

test('mentions are names, with or without the tag, and no mail addresses', () => {
  assert.deepEqual(only('@Ada#k3f9'), { type: 'mention', text: '@Ada#k3f9', name: 'Ada', tag: '#k3f9' });
  assert.deepEqual(told('@zoë, @李雷! (@o.k.) me@example.org @@x @ -'), [
    'mention(@zoë)',
    'mention(@李雷)',
    'mention(@o.k)',
  ]);
});

test('only emotes that exist are found', () => {
  assert.deepEqual(told(':wave: :none: :no:yes: 12:30:45 :WAVE: :a_1::a_1:'), [
    'emote(:wave:)',
    'emote(:no:)',
    'emote(:a_1:)',
    'emote(:a_1:)',
  ]);
  assert.deepEqual(told(':none:yes:'), ['emote(:yes:)']);
});

const parts = [
  'a',
  ' ',
  '\n',
  '>',
  '>>',
  '12',
  '@',
  'ada',
  '#k3f9',
  ':',
  'wave',
  ':wave:',
  'http',
  's://',
  'http://',
  'example.org',
  '/',
  '(',
  ')',
  '.',
  '"',
  '<script>',
  '&amp;',
  onion,
  'é',
  '\u0301',
  '😀',
  '\ud800',
  '\u202e',
  '[::1]',
  '%zz',
];

test('whatever the text: the pieces joined are the text, none is empty, and breaks are the only line ends', () => {
  const random = seeded(5);
  const seen = new Set<string>();
  for (let round = 0; round < 20_000; round++) {
    const length = below(random, 25);
    const text = Array.from({ length }, () => parts[below(random, parts.length)]).join('');
    const pieces = formatText(text, emotes);
    assert.equal(pieces.map(piece => piece.text).join(''), text);
    for (const piece of pieces) {
      seen.add(piece.type);
      assert.notEqual(piece.text, '', text);
      if (piece.type !== 'break') assert.ok(!piece.text.includes('\n'), text);
      if (piece.type === 'link') assert.match(piece.href, /^https?:\/\/[\x21-\x7e]+$/, text);
      if (piece.type === 'emote') assert.ok(emotes.has(piece.name), text);
      if (piece.type === 'reply') assert.ok(Number.isSafeInteger(piece.number) && piece.number > 0, text);
    }
  }
  assert.deepEqual([...seen].sort(), ['break', 'emote', 'link', 'mention', 'quote', 'reply', 'text']);
});

test('time grows with the text only', () => {
  const worsts = [
    'http://',
    ':aa',
    ':aa:',
    '@a.',
    '@',
    'a.',
    `${'a'.repeat(63)}.`,
    '>>1',
    '>',
    ')',
    'http://a.b)',
    'a-',
    'a@b#',
    '\n',
  ];
  for (const worst of worsts) {
    const text = worst.repeat(64_000 / worst.length);
    const startMs = performance.now();
    const pieces = formatText(text, emotes);
    const tookMs = performance.now() - startMs;
    assert.equal(pieces.map(piece => piece.text).join(''), text);
    // 125 times as long as a message may be.
    assert.ok(tookMs < 1000, `${JSON.stringify(worst)} took ${tookMs} ms`);
  }
});
