import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Gallery } from '../../app/people/captcha/gallery.ts';
import { until } from '../kit/until.ts';

const usual = { poolSize: 8, drawEveryMs: 1000, perHolder: 2, solvesPerPicture: 4, expiryMs: 20_000 };

function gallery(t: TestContext, config: Partial<typeof usual> = {}) {
  const clock = { ms: 0 };
  let drawn = 0;
  const draw = () => ({ text: `text ${drawn++}`, png: Buffer.alloc(0) });
  const it = new Gallery({ draw, now: () => clock.ms }, { ...usual, ...config });
  t.after(() => it.close());
  return {
    it,
    clock,
    filled: () => until('a full pool', () => it.unused === { ...usual, ...config }.poolSize),
  };
}

test('everyone gets a picture of their own while there are unused ones', async t => {
  const { it, filled } = gallery(t);
  await filled();
  const texts = Array.from({ length: 8 }, (_, index) => it.take(`holder ${index}`).text);
  assert.equal(new Set(texts).size, 8);
});

test('one who asks for more than their share leaves the unused pictures to the others', async t => {
  const { it, filled } = gallery(t);
  await filled();
  const anns = Array.from({ length: 1000 }, () => it.take('ann').text);
  assert.equal(new Set(anns).size, 2);
  assert.equal(it.unused, 6);
  const bobs = [it.take('bob').text, it.take('bob').text];
  assert.ok(bobs.every(text => !anns.includes(text)));
});

test('shares begin anew when a whole pool could have been drawn', async t => {
  const { it, clock, filled } = gallery(t);
  await filled();
  for (let i = 0; i < 5; i++) it.take('ann');
  assert.equal(it.unused, 6);
  clock.ms += usual.poolSize * usual.drawEveryMs;
  it.take('ann');
  assert.equal(it.unused, 5);
});

test('when all are used they are shared by turns', async t => {
  const { it, filled } = gallery(t, { perHolder: 8 });
  await filled();
  const counts = new Map<string, number>();
  for (let i = 0; i < 80; i++) {
    const { text } = it.take('ann');
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  assert.equal(counts.size, 8);
  assert.ok(
    [...counts.values()].every(count => count >= 9 && count <= 11),
    [...counts.values()].join(),
  );
});

test('the pool is filled at once in the beginning and at its own pace later', async t => {
  const { it, filled } = gallery(t, { drawEveryMs: 60_000 });
  await filled();
  it.take('ann');
  await new Promise(resolve => setTimeout(resolve, 0));
  assert.equal(it.unused, 7);
  const quick = gallery(t, { drawEveryMs: 50 });
  await quick.filled();
  quick.it.take('ann');
  await quick.filled();
  assert.equal(quick.it.drawn, 9);
});

test('a picture is kept until its last id has expired, then forgotten', async t => {
  const { it, clock, filled } = gallery(t, { drawEveryMs: 60_000 });
  await filled();
  const { number } = it.take('ann');
  clock.ms = usual.expiryMs - 1;
  it.take('bob');
  assert.ok(it.find(number));
  clock.ms = usual.expiryMs;
  it.take('bob');
  assert.equal(it.find(number), undefined);
});

test('an endless stream of people holds no more pictures than can be drawn while one lives', async t => {
  const { it, clock } = gallery(t, { drawEveryMs: 1 });
  const bound = 1 + 2 * usual.poolSize + usual.expiryMs;
  let most = 0;
  for (let i = 0; i < 50_000; i++) {
    // Solving it up forces a new one to be drawn.
    const picture = it.take(`holder ${i}`);
    for (let solved = 0; solved < usual.solvesPerPicture; solved++) it.solved(picture);
    clock.ms += 1;
    most = Math.max(most, it.size);
  }
  assert.ok(it.drawn >= 50_000);
  assert.ok(most <= bound + 1, `${most} held`);
});
