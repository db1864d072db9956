import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Invitations } from '../../app/people/invitations.ts';
import { clock } from '../kit/people.ts';
import { invitationStore } from '../kit/people-stores.ts';

const order = { grants: 'member', note: 'for Anna', by: 'broadcaster', expiresAtMs: null } as const;

function invitationsForTest(store = invitationStore(), time = clock()) {
  return { invitations: new Invitations({ store, now: time.now }, { maxInvitations: 5 }), store, time };
}

test('an invitation lets one person in, and only one', () => {
  const { invitations, time } = invitationsForTest();
  const { invitation, token } = invitations.create({ ...order, grants: 'moderator' });
  assert.match(token, /^[A-Za-z0-9_-]{22}$/);
  const redeemed = invitations.redeem(token, 'anna');
  assert.deepEqual(redeemed, { ...invitation, redeemedAtMs: time.now(), redeemedBy: 'anna' });
  assert.equal(redeemed.grants, 'moderator');
  assert.throws(() => invitations.redeem(token, 'ben'), { code: 'invitation-used' });
  time.pass(1000);
  assert.deepEqual(invitations.redeem(token, 'anna'), redeemed);
});

test('made up, expired and revoked invitations let no one in', () => {
  const { invitations, time } = invitationsForTest();
  assert.throws(() => invitations.redeem('', 'anna'), { code: 'invitation-unknown' });
  assert.throws(() => invitations.redeem('x'.repeat(22), 'anna'), { code: 'invitation-unknown' });
  const expiring = invitations.create({ ...order, expiresAtMs: time.now() + 1000 });
  const revoked = invitations.create(order);
  assert.equal(invitations.revoke(revoked.invitation.id).note, 'for Anna');
  assert.throws(() => invitations.redeem(revoked.token, 'anna'), { code: 'invitation-unknown' });
  assert.throws(() => invitations.revoke(revoked.invitation.id), { code: 'invitation-unknown' });
  time.pass(1000);
  assert.throws(() => invitations.redeem(expiring.token, 'anna'), { code: 'invitation-expired' });
});

test('neither the list nor the store holds a token', () => {
  const { invitations, store } = invitationsForTest();
  const { token, invitation } = invitations.create(order);
  assert.ok(!JSON.stringify([invitations.list(), store.all()]).includes(token));
  assert.throws(() => invitations.redeem(invitation.tokenHash, 'anna'), { code: 'invitation-unknown' });
});

test('invitations outlive a restart, used or not, and what was revoked does not', () => {
  const { invitations, store, time } = invitationsForTest();
  const used = invitations.create(order);
  const open = invitations.create(order);
  const revoked = invitations.create(order);
  const redeemed = invitations.redeem(used.token, 'anna');
  invitations.revoke(revoked.invitation.id);
  const later = invitationsForTest(store, time).invitations;
  assert.deepEqual(later.list(), [redeemed, open.invitation]);
  assert.throws(() => later.redeem(used.token, 'ben'), { code: 'invitation-used' });
  assert.equal(later.redeem(open.token, 'ben').redeemedBy, 'ben');
  assert.throws(() => later.redeem(revoked.token, 'ben'), { code: 'invitation-unknown' });
});

test('the number of invitations is bounded', () => {
  const { invitations } = invitationsForTest();
  const [first] = Array.from({ length: 5 }, () => invitations.create(order).invitation);
  assert.throws(() => invitations.create(order), { code: 'invitations-full', message: /5 invitations/ });
  invitations.revoke(first?.id ?? '');
  assert.doesNotThrow(() => invitations.create(order));
});
