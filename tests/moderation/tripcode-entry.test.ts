import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TripcodeEntry } from '../../app/moderation/tripcode-entry.ts';
import { isMember } from '../../app/people/access.ts';
import { moderationForTest } from '../kit/moderation.ts';

/** A site that the password “of the friends” opens; the captcha `fresh` is solved by `right`, once. */
async function siteForTest() {
  const desk = await moderationForTest();
  const { people, club, time, arrive } = desk;
  const { tripcode } = await people.setTripcode(arrive('founder').id, 'of the friends');
  club.allowTripcode({ tripcode: tripcode?.text ?? assert.fail(), note: '', by: 'broadcaster' });
  const captchas = {
    solve: (id: string, answer: string) =>
      id !== 'fresh' ? 'expired' : answer === 'right' ? 'solved' : 'wrong',
  } as const;
  const entry = new TripcodeEntry({ people, captchas, now: time.now });
  const enter = (
    who: string,
    password: string,
    more: { circuit?: string; captcha?: [string, string] } = {},
  ) => {
    const [id = '', answer = ''] = more.captcha ?? [];
    const given = { personId: arrive(who).id, circuit: more.circuit, password, captcha: { id, answer } };
    return entry.enter({ ...given, kind: 'secure' });
  };
  const isIn = (who: string) => isMember(arrive(who));
  return { ...desk, entry, enter, isIn };
}

const unlisted = { code: 'tripcode-unlisted' };

test('the password of a tripcode on the list makes a member, any other changes nothing', async () => {
  await using site = await siteForTest();
  const { enter, isIn, arrive } = site;
  await assert.rejects(enter('ada', 'of nobody'), unlisted);
  assert.equal(arrive('ada').tripcode, undefined);
  await assert.rejects(enter('ada', 'x'.repeat(129)), { code: 'tripcode-password' });
  assert.ok(!isIn('ada'));
  await enter('ada', 'of the friends');
  assert.ok(isIn('ada'));
});

test('who guesses waits longer each time, also as another by the same circuit', async () => {
  await using site = await siteForTest();
  const { enter, time, isIn } = site;
  for (let n = 0; n < 3; n++) await assert.rejects(enter('eve', `guess ${n}`, { circuit: '7' }), unlisted);
  await assert.rejects(enter('eve', 'of the friends'), { code: 'login-wait' });
  await assert.rejects(enter('eve again', 'guess', { circuit: '7' }), { code: 'login-wait' });
  await enter('ada', 'of the friends', { circuit: '8' });
  assert.ok(isIn('ada') && !isIn('eve'));
  time.pass(2000);
  await enter('eve', 'of the friends', { circuit: '7' });
  assert.ok(isIn('eve'));
});

test('after many wrong passwords each further one costs a captcha, whoever tries, for an hour', async () => {
  await using site = await siteForTest();
  const { enter, entry, time, arrive } = site;
  for (let n = 0; n < 19; n++) await assert.rejects(enter(`eve ${n}`, 'guess'), unlisted);
  await enter('ada', 'of the friends');
  assert.ok(!entry.needsCaptcha, 'right ones do not count');
  const last = enter('eve', 'guess');
  assert.ok(entry.needsCaptcha, 'nor do those pass that run side by side');
  await assert.rejects(last, unlisted);
  await assert.rejects(enter('bea', 'of the friends'), { code: 'captcha-needed' });
  await assert.rejects(enter('bea', 'of the friends', { captcha: ['fresh', 'left'] }), {
    code: 'captcha-wrong',
  });
  await assert.rejects(enter('eve again', 'guess', { captcha: ['fresh', 'right'] }), unlisted);
  assert.equal(arrive('eve again').captchaPassedAtMs, undefined);
  await enter('bea', 'of the friends', { captcha: ['fresh', 'right'] });
  assert.ok(arrive('bea').captchaPassedAtMs);
  time.pass(3_600_000);
  assert.ok(!entry.needsCaptcha);
});
