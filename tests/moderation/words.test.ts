import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDuration, timeLike } from '../../app/moderation/duration.ts';
import { parseNumbers } from '../../app/moderation/inputs.ts';
import { fieldsOf, type Word } from '../../app/moderation/words.ts';
import { below, seeded } from '../kit/seeded.ts';

const places: readonly Word[] = [
  { field: 'person', kind: 'word' },
  { field: 'time', kind: 'word', like: timeLike },
  { field: 'reason', kind: 'rest' },
];
const parse = (line: string | readonly string[]) => fieldsOf(line, places, 'ban PERSON [TIME] [REASON]');

test('a line is read from left to right; what is optional may be missing', () => {
  assert.deepEqual(parse('Ada 2h flooding the chat'), {
    person: 'Ada',
    time: '2h',
    reason: 'flooding the chat',
  });
  assert.deepEqual(parse('Ada flooding'), { person: 'Ada', reason: 'flooding' });
  assert.deepEqual(parse('"Ada L" forever'), { person: 'Ada L', time: 'forever' });
  assert.deepEqual(parse('Ada  two  blanks'), { person: 'Ada', reason: 'two  blanks' });
  assert.deepEqual(parse('Ada line\nbreak'), { person: 'Ada', reason: 'line\nbreak' });
  assert.deepEqual(parse(''), {});
});

test('words that a shell has split stay as they are', () => {
  assert.deepEqual(parse(['Ada L', '2h', 'so', 'it is']), {
    person: 'Ada L',
    time: '2h',
    reason: 'so it is',
  });
  assert.deepEqual(parse(['say "hi"']), { person: 'say "hi"' });
});

test('what is left over is named', () => {
  const one: readonly Word[] = [{ field: 'value', kind: 'word' }];
  assert.throws(() => fieldsOf('on now', one, 'raid on|off'), /“now” is too much. The form is: raid on\|off/);
});

test('any name in quotes, any time and any reason come out as they went in', () => {
  const random = seeded(7);
  const letters = ['a', 'B', 'é', '字', '😀', ' ', '.', '#', '-', "'", '1', 'm'];
  const pick = (from: readonly string[]) => from[below(random, from.length)] ?? '';
  const word = (length: number) => Array.from({ length }, () => pick(letters)).join('');
  for (let round = 0; round < 2000; round++) {
    const person = word(1 + below(random, 12));
    const time = `${1 + below(random, 999)}${pick(['s', 'm', 'h', 'd', 'w'])}`;
    const reason = `for ${word(below(random, 20))}`.trim();
    assert.deepEqual(parse(`"${person}"  ${time} ${reason}`), { person, time, reason });
    assert.deepEqual(parse([person, time, reason]), { person, time, reason });
  }
});

test('no line at all throws anything but a sentence', () => {
  const random = seeded(8);
  const letters = ['"', ' ', '\n', '\t', 'a', '2', 'h', '\\', '\u0000', '/', '“'];
  for (let round = 0; round < 2000; round++) {
    const line = Array.from({ length: below(random, 30) }, () => letters[below(random, letters.length)]).join(
      '',
    );
    const { person, time, reason } = parse(line);
    for (const field of [person, time, reason]) assert.ok(field === undefined || typeof field === 'string');
  }
});

test('times are read and told', () => {
  assert.equal(parseDuration('90s'), 90_000);
  assert.equal(parseDuration(' 2H '), 7_200_000);
  assert.equal(parseDuration('forever'), null);
  for (const wrong of ['', '0m', '10', '-5m', '1.5h', 'm', '10 m', '99999999w', '1h30m', 'Infinitys']) {
    assert.equal(parseDuration(wrong), undefined, wrong);
  }
  assert.equal(formatDuration(5_400_000), '1h30m');
  assert.equal(formatDuration(null), 'forever');
  const random = seeded(9);
  for (let round = 0; round < 500; round++) {
    const count = 1 + below(random, 59);
    const unit = ['s', 'm'][below(random, 2)];
    assert.equal(formatDuration(parseDuration(`${count}${unit}`) ?? 0), `${count}${unit}`);
  }
});

test('numbers are read in every form a moderator may use, and never too many', () => {
  assert.deepEqual(parseNumbers('12'), [12]);
  assert.deepEqual(parseNumbers('>>14 12, 12;13'), [12, 13, 14]);
  assert.deepEqual(parseNumbers('12-15'), [12, 13, 14, 15]);
  for (const wrong of ['', '0', '-1', '1.5', 'x', '15-12', '1-99999', '1e3', '9'.repeat(20)]) {
    assert.equal(parseNumbers(wrong), undefined, wrong);
  }
  assert.equal(parseNumbers('1-2000')?.length, 2000);
  assert.equal(parseNumbers('1-2000 2001'), undefined);
});
