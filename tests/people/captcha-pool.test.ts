import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { silentLog } from '../../app/lib/log.ts';
import { captchaConfig } from '../../app/people/captcha/config.ts';
import { CaptchaPool } from '../../app/people/captcha/pool.ts';
import { until } from '../kit/until.ts';

const minuteMs = 60_000;

/** Every captcha of this pool reads AAAAA. */
function pool(t: TestContext, config: Partial<ReturnType<typeof captchaConfig.parse>> = {}) {
  const clock = { ms: 1_000_000 };
  const captchas = new CaptchaPool(
    { now: () => clock.ms, log: silentLog, random: () => 0, path: '' },
    captchaConfig.parse({ poolSize: 4, ...config }),
  );
  t.after(() => captchas.close());
  return {
    captchas,
    clock,
    filled: () => until('a full pool', () => captchas.counts.ahead === (config.poolSize ?? 4)),
  };
}

test('a captcha is solved once, and not shown afterwards', t => {
  const { captchas } = pool(t);
  const { id } = captchas.issue('ann');
  assert.equal(captchas.picture(id)?.toString('latin1', 1, 4), 'PNG');
  assert.deepEqual(captchas.picture(id), captchas.picture(id));
  assert.equal(captchas.solve(id, ' aa4aA '), 'solved');
  assert.equal(captchas.solve(id, 'AAAAA'), 'expired');
  assert.equal(captchas.picture(id), undefined);
});

test('a wrong answer spends the captcha too', t => {
  const { captchas } = pool(t);
  for (const answer of ['', 'AAAA', 'AAAAAA', 'AAAAB', '\0', 'Ω'.repeat(100)]) {
    const { id } = captchas.issue('ann');
    assert.equal(captchas.solve(id, answer), 'wrong');
    assert.equal(captchas.solve(id, 'AAAAA'), 'expired');
  }
});

test('a captcha can be answered for as long as the configuration says', t => {
  const { captchas, clock } = pool(t, { expiryMin: 30 });
  const [early, late] = [captchas.issue('ann').id, captchas.issue('ann').id];
  clock.ms += 30 * minuteMs - 1;
  assert.ok(captchas.picture(early));
  assert.equal(captchas.solve(early, 'AAAAA'), 'solved');
  clock.ms += 1;
  assert.equal(captchas.picture(late), undefined);
  assert.equal(captchas.solve(late, 'AAAAA'), 'expired');
});

test('an id is unguessable, different each time, and worth nothing when changed or from elsewhere', t => {
  const { captchas } = pool(t);
  const ids = Array.from({ length: 200 }, () => captchas.issue('ann').id);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{62}$/);
  const [id = ''] = ids;
  for (let at = 0; at < id.length; at++) {
    const changed = `${id.slice(0, at)}${id[at] === 'A' ? 'B' : 'A'}${id.slice(at + 1)}`;
    assert.equal(captchas.solve(changed, 'AAAAA'), 'expired');
  }
  const foreign = pool(t).captchas.issue('ann').id;
  for (const other of [
    foreign,
    '',
    'x',
    `${id}=`,
    `${id} `,
    id.slice(1),
    `${id}AA`,
    'a'.repeat(1e6),
    '../../etc',
  ]) {
    assert.equal(captchas.solve(other, 'AAAAA'), 'expired');
    assert.equal(captchas.picture(other), undefined);
  }
  assert.equal(captchas.solve(id, 'AAAAA'), 'solved');
});

test('asking ten thousand times draws one picture at most, and leaves what others have in their hands', async t => {
  const { captchas, filled } = pool(t, { solvesPerPicture: 1000 });
  await filled();
  const anns = captchas.issue('ann').id;
  const { drawn, held } = captchas.counts;
  const beganMs = performance.now();
  const asked = Array.from({ length: 10_000 }, (_, index) => captchas.issue(`flood ${index % 100}`).id);
  const tookMs = performance.now() - beganMs;
  assert.ok(captchas.counts.drawn - drawn <= 1, `${captchas.counts.drawn - drawn} drawn`);
  assert.ok(captchas.counts.held - held <= 1);
  assert.ok(tookMs < 5000, `${tookMs} ms`);
  assert.equal(captchas.solve(anns, 'AAAAA'), 'solved');
  assert.equal(captchas.solve(asked[0] ?? '', 'AAAAA'), 'solved');
  assert.equal(captchas.solve(asked.at(-1) ?? '', 'AAAAA'), 'solved');
});

test('before the first picture has been drawn ahead a captcha can be had already', t => {
  const { captchas } = pool(t);
  assert.equal(captchas.counts.drawn, 0);
  for (let i = 0; i < 100; i++) assert.ok(captchas.picture(captchas.issue('ann').id));
  assert.equal(captchas.counts.drawn, 1);
});

test('beyond the most that may be pending the oldest expires', t => {
  const { captchas } = pool(t, { maxPending: 16, solvesPerPicture: 1000 });
  const ids = Array.from({ length: 40 }, () => captchas.issue('ann').id);
  const verdicts = ids.map(id => captchas.solve(id, 'AAAAA'));
  assert.deepEqual(verdicts.slice(0, 24), Array(24).fill('expired'));
  assert.deepEqual(verdicts.slice(24), Array(16).fill('solved'));
});

test('a shared picture is good for so many right answers and no more', t => {
  const { captchas } = pool(t, { solvesPerPicture: 3 });
  const ids = Array.from({ length: 10 }, () => captchas.issue('ann').id);
  assert.equal(captchas.counts.drawn, 1);
  const verdicts = ids.map(id => captchas.solve(id, 'AAAAA'));
  assert.equal(verdicts.filter(verdict => verdict === 'solved').length, 3);
  assert.equal(captchas.solve(captchas.issue('ann').id, 'AAAAA'), 'solved');
  assert.equal(captchas.counts.drawn, 2);
});

test('answers of all sorts never throw', t => {
  const { captchas } = pool(t);
  for (const answer of ['\ud800', '\u0000', '🦊', 'ﷺ'.repeat(1000), '__proto__', 'constructor']) {
    assert.equal(captchas.solve(captchas.issue('__proto__').id, answer), 'wrong');
  }
});

test('a configuration that cannot work is refused', () => {
  for (const wrong of [
    { length: 3 },
    { length: 9 },
    { poolSize: 0 },
    { maxPending: 0 },
    { expiryMin: 0 },
    { size: 1 },
  ]) {
    assert.equal(captchaConfig.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
  assert.equal(captchaConfig.parse(undefined).expiryMin, 30);
});
