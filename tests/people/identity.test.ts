import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSessionToken, newSessionToken, personId, tagOf } from '../../app/people/identity.ts';

const key = Buffer.alloc(32, 1);

test('session tokens are 128 random bits that fit in a URL', () => {
  const tokens = Array.from({ length: 1000 }, () => newSessionToken());
  assert.equal(new Set(tokens).size, 1000);
  for (const token of tokens) {
    assert.match(token, /^[A-Za-z0-9_-]{22}$/);
    assert.ok(isSessionToken(token));
  }
  for (const other of ['', 'a', 'x'.repeat(23), `${'x'.repeat(21)}+`, `${'x'.repeat(22)}\n`]) {
    assert.equal(isSessionToken(other), false, other);
  }
});

test('the public id is the same for a token, another for other tokens and other sites', () => {
  const token = newSessionToken();
  assert.equal(personId(key, token), personId(key, token));
  assert.match(personId(key, token), /^[0-9a-f]{16}$/);
  assert.notEqual(personId(key, token), personId(key, newSessionToken()));
  assert.notEqual(personId(key, token), personId(Buffer.alloc(32, 2), token));
});

test('tags are short, and a thousand people rarely share one', () => {
  const ids = Array.from({ length: 1000 }, (_, index) => personId(key, String(index)));
  const tags = ids.map(tagOf);
  for (const tag of tags) assert.match(tag, /^#[0-9a-hjkmnp-tv-z]{4}$/);
  assert.ok(new Set(tags).size > 995, `${new Set(tags).size} tags`);
  assert.equal(tagOf('0123456789abcdef'), tagOf('0123456789abcdef'));
});
