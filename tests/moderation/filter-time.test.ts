import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { chatConfig } from '../../app/chat/config.ts';
import { Failure } from '../../app/lib/failure.ts';
import { moderationConfig } from '../../app/moderation/config.ts';
import { type FilterOrder, Filters } from '../../app/moderation/filters.ts';
import { openStore } from '../../app/store/store.ts';
import { below, seeded } from '../kit/seeded.ts';

/** How long the filters may take for a message. */
const limitMs = 5;
const { maxLength } = chatConfig.parse({});

/** Known to run away, in the square or worse, where an engine goes back in the text. */
const runaways = [
  ...['(a+)+$', '(a*)*b', '(a|a)*b', '(a|aa)+$', '([a-z]+)*1', String.raw`^(\w+\s?)*!$`, '(x+x+)+y'],
  ...[
    '(.*a){12}',
    '(.*)(.*)(.*)(.*)(.*)(.*)x',
    '.*.*.*.*.*=.*',
    '(?:a?){30}a{30}',
    '(a+b?)+c',
    '((a|b)+c?)+d',
  ],
  ...[`${'a?'.repeat(30)}${'a'.repeat(30)}`, String.raw`(\d+)+[^\d]x`, String.raw`\s+$|(?:\s*\S+)*!`],
  ...['(?:(?:a+)+)+$', '(ab|a|b)+c', '(foo|fo|f|o)+x', String.raw`[\s\S]*[\s\S]*[\s\S]*x`, 'a*a*a*a*a*a*a*b'],
  ...[String.raw`\p{L}+\p{L}+\p{L}+\p{L}+1`, String.raw`(?:\p{L}*\s*){15}!`, '(a|b|ab)*bc', '(?i)(a+)+b'],
  ...['(a|b)*a(a|b){12}', '(a|b)*a(a|b){40}', 'a.*b|a', 'a.*z|a.*y|a.*x|a', String.raw`\p{L}{30,60}1`],
  ...['(a.{0,20}){4}x', '(?:x.{0,60})+y|x', '[ab]{0,30}[bc]{0,30}x', '(a|b|c|d|e)*z{50}', '.*?a.*?b.*?c.*?!'],
  String.raw`^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$`,
];

const words = [
  ...['bad', 'ass', '*mass*', 'aaaa', 'buy now', 'assess', 's5$', '*lil*', 'о о о', 'idiot', '*aaaaaaaa*'],
  ...['*sasasasa*', 'a1', '*a*', '*ss*', 'click here now please', '*oooo*'],
];

const random = seeded(3);
const letters = [
  'a',
  's',
  '$',
  '5',
  ' ',
  '.',
  'b',
  'd',
  'x',
  'l',
  '1',
  '|',
  '!',
  '\n',
  'o',
  'é',
  'а',
  '😀',
  'ab',
];
const texts = [
  ...letters.map(letter => letter.repeat(maxLength)),
  ...letters.map(letter => `a${letter}`.repeat(maxLength)),
  ...letters.map(letter => `${letter.repeat(maxLength - 1)}!`),
  ...['foo', 'aab', 'ab c ', 'as.', 'xy', 'aaaa1'].map(piece => piece.repeat(maxLength)),
  ...Array.from({ length: 20 }, () =>
    Array.from({ length: maxLength }, () => letters[below(random, letters.length)]).join(''),
  ),
].map(text => [...text].slice(0, maxLength).join(''));

function openFilters(): Filters {
  const config = moderationConfig.parse({});
  return new Filters({ store: openStore({ kind: 'memory' }).filters, now: () => 1000 }, config);
}

const order = (kind: FilterOrder['kind'], pattern: string): FilterOrder => ({
  ...{ kind, pattern, action: 'censor', forMs: null, by: 'broadcaster' },
});

/** The best of a few: that others kept the processor says nothing about filters. */
function costMs(filters: Filters, text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 5 || (best >= limitMs && tries < 50); tries++) {
    const beganMs = performance.now();
    filters.apply(text);
    best = Math.min(best, performance.now() - beganMs);
    if (best < limitMs / 10) break;
  }
  return best;
}

/** Of the texts that cost most. */
function worst(t: TestContext, what: string, filters: Filters): void {
  const [most] = texts.map(text => ({ text, ms: costMs(filters, text) })).toSorted((a, b) => b.ms - a.ms);
  assert.ok(most);
  t.diagnostic(`${what}: ${most.ms.toFixed(2)} ms at most`);
  assert.ok(most.ms < limitMs, `${what}: ${most.ms} ms for ${JSON.stringify(most.text.slice(0, 20))}`);
}

test('no regular expression takes long for any message, whatever it would do elsewhere', t => {
  for (const pattern of runaways) {
    const filters = openFilters();
    filters.add(order('regex', pattern));
    worst(t, pattern, filters);
  }
});

test('as many regular expressions as there may be do not take long either', t => {
  for (const sorted of [runaways, runaways.toReversed()]) {
    const filters = openFilters();
    for (const pattern of sorted) {
      try {
        filters.add(order('regex', pattern));
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'filters-full');
      }
    }
    worst(t, `${filters.list().length} regular expressions`, filters);
  }
});

test('nor do two hundred words', t => {
  const filters = openFilters();
  for (let n = 0; n < 200; n++) {
    const word = words[n % words.length] ?? '';
    filters.add(order('word', n < words.length ? word : `${word.replaceAll('*', '')}${n}`));
  }
  worst(t, '200 words', filters);
});

test('what the filters have no time for waits for a moderator', () => {
  const store = openStore({ kind: 'memory' });
  const filters = new Filters({ store: store.filters, now: () => 1000 }, { maxFilters: 200, filterMs: 0 });
  filters.add(order('word', 'bad'));
  assert.equal(filters.apply('anything').isComplete, false);
});
