import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingToEnter } from '../../app/people/access.ts';
import { peopleConfig } from '../../app/people/config.ts';

const stranger = {
  role: 'viewer',
  memberSinceMs: undefined,
  hasMembersTripcode: false,
  captchaPassedAtMs: undefined,
} as const;

test('an open site asks for nothing', () => {
  assert.equal(missingToEnter(stranger, 'open'), undefined);
});

test('a site behind a captcha lets in who has solved one, members, and staff', () => {
  assert.equal(missingToEnter(stranger, 'captcha'), 'captcha');
  assert.equal(missingToEnter({ ...stranger, captchaPassedAtMs: 1 }, 'captcha'), undefined);
  assert.equal(missingToEnter({ ...stranger, memberSinceMs: 1 }, 'captcha'), undefined);
  assert.equal(missingToEnter({ ...stranger, role: 'moderator' }, 'captcha'), undefined);
});

test('a site for members lets in members and staff, whatever captchas others solve', () => {
  assert.equal(missingToEnter(stranger, 'members'), 'invitation');
  assert.equal(missingToEnter({ ...stranger, captchaPassedAtMs: 1 }, 'members'), 'invitation');
  assert.equal(missingToEnter({ ...stranger, memberSinceMs: 1 }, 'members'), undefined);
  assert.equal(missingToEnter({ ...stranger, hasMembersTripcode: true }, 'members'), undefined);
  assert.equal(missingToEnter({ ...stranger, role: 'broadcaster' }, 'members'), undefined);
});

test('the config of people has defaults for everything and refuses what makes no sense', () => {
  const config = peopleConfig.parse(undefined);
  assert.equal(config.defaultName, 'Anonymous');
  assert.equal(config.maxNameLength, 24);
  assert.equal(config.access, 'open');
  assert.equal(config.tripcode.classic, false);
  for (const slice of [
    { access: 'closed' },
    { background: 'black' },
    { defaultName: ' ' },
    { maxNameLength: 0 },
    { presence: { chattingForS: 0 } },
    { unheardOf: 1 },
  ]) {
    assert.equal(peopleConfig.safeParse(slice).success, false, JSON.stringify(slice));
  }
});
