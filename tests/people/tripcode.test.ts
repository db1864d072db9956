import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, minContrast } from '../../app/people/colour.ts';
import { subkey } from '../../app/people/secret.ts';
import { Tripcodes } from '../../app/people/tripcode.ts';

const site = (fill: number) => subkey(Buffer.alloc(32, fill), 'tripcode');
const tripcodes = (key = site(1), classic = true) => new Tripcodes({ key }, { classic });

test('the same password gives the same tripcode, also after a restart', async () => {
  const first = await tripcodes().make('correct horse');
  assert.deepEqual(await tripcodes().make('correct horse'), first);
  assert.match(first.text, /^[A-Za-z0-9_-]{12}$/);
  assert.equal(first.kind, 'secure');
  assert.ok(contrast(first.colours.foreground, first.colours.background) >= minContrast);
});

test('a secure tripcode never changes with the program', async () => {
  // Worked out with Python: base64url of the first 9 bytes of
  // scrypt('correct horse', salt=HKDF-SHA256(0x01 × 32, info 'onioncast tripcode'), n=32768, r=8, p=1).
  assert.equal((await tripcodes().make('correct horse')).text, 'cirt_8lrCeN7');
});

test('another password, another site or another kind gives another tripcode', async () => {
  const made = await Promise.all([
    tripcodes().make('tea'),
    tripcodes().make('Tea'),
    tripcodes(site(2)).make('tea'),
    tripcodes().make('tea', 'classic'),
  ]);
  assert.equal(new Set(made.map(({ text }) => text)).size, 4);
  assert.equal(new Set(made.map(({ colours }) => JSON.stringify(colours))).size, 4);
});

test('a password is the same however a keyboard composes it', async () => {
  assert.deepEqual(await tripcodes().make('cafe\u0301'), await tripcodes().make('caf\u00e9'));
});

test('classic tripcodes are those of 2channel', async () => {
  const known = [
    ['tea', 'WokonZwxw2'],
    ['password', 'ozOtJW9BFA'],
    ['ひろゆき', 'F7aSjnRHGU'],
    ['f}EAmbA%', '/izs/14Iuw'],
  ] as const;
  for (const [password, text] of known) {
    const made = await tripcodes().make(password, 'classic');
    assert.equal(made.text, text);
    assert.equal(made.kind, 'classic');
    assert.deepEqual(await tripcodes(site(2)).make(password, 'classic'), made);
    assert.ok(contrast(made.colours.foreground, made.colours.background) >= minContrast);
  }
});

test('classic tripcodes are refused where they are off, or where the password has no letter for them', async () => {
  await assert.rejects(tripcodes(site(1), false).make('tea', 'classic'), { code: 'tripcode-kind' });
  await assert.rejects(tripcodes().make('🦊', 'classic'), { code: 'tripcode-password' });
});

test('empty and endless passwords are refused without repeating them', async () => {
  await assert.rejects(tripcodes().make(''), { code: 'tripcode-password' });
  await assert.rejects(tripcodes().make('s3cr3t'.repeat(30)), {
    code: 'tripcode-password',
    message: /not 180/,
  });
  await assert.rejects(
    tripcodes().make('s3cr3t'.repeat(30)),
    ({ message }: Error) => !message.includes('s3cr3t'),
  );
});

test('asking for many tripcodes at once is refused before it costs anything', async () => {
  const busy = tripcodes();
  const asked = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) => busy.make(`password ${index}`)),
  );
  const refused = asked.filter(({ status }) => status === 'rejected');
  // 16 wait and one or two, by the number of cores, are being made.
  assert.ok(refused.length === 42 || refused.length === 43, `${refused.length} were refused`);
  for (const answer of refused) assert.ok(answer.status === 'rejected' && answer.reason.code === 'busy');
  assert.equal((await busy.make('later')).kind, 'secure');
});
