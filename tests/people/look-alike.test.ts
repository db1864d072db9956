import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peopleConfig } from '../../app/people/config.ts';
import { parseName } from '../../app/people/name.ts';

const rules = peopleConfig.parse({});

const imitations = [
  'broadcaster',
  'BROADCASTER',
  'the broadcaster!',
  'Broadcaster 2',
  'вroadcaster',
  'Вгоаdcaster',
  'ьгоаdсаѕtег',
  'βroadcaster',
  'brσαdcαsτεr',
  'ｂroadcaster',
  '𝐛𝐫𝐨𝐚𝐝𝐜𝐚𝐬𝐭𝐞𝐫',
  'ᴃʀᴏᴀᴅᴄᴀsᴛᴇʀ',
  'ᏼᏒᎾᎪᎠᏟᎪᏚᎢᎬᎡ',
  'Ⓑroadcaster',
  '🅱roadcaster',
  'ƀřøàđčãşŧęɍ',
  'bro\u0336a\u0336dcaster',
  'b\u200droad\u00adcaster',
  'b r o a d c a s t e r',
  'b.r.o.a.d.c.a.s.t.e.r',
  'xX_broad-caster_Xx',
  'br0adc4st3r',
  '6roadcaster',
  '|3roadcaster',
  'brooaadcaster',
  'rnoderator',
  'mοderatοr',
  'Adm1n_',
  'ADMlN',
  '[mod]',
  '✓ M0D ✓',
  'mod7',
  'sʏsᴛᴇᴍ',
  '0wner',
];

for (const name of imitations) {
  test(`“${name}” is not free`, () => {
    assert.throws(() => parseName(name, rules), { code: 'name-reserved' });
  });
}

test('names that only contain or begin like a reserved word are free', () => {
  const free = [
    'modest',
    'Modern Times',
    'admiral',
    'Stafford',
    'observer',
    'broad',
    'caster',
    'Neil3',
    'Ivanowner',
  ];
  for (const name of free) assert.equal(parseName(name, rules), name);
});

test('a short name of the broadcaster is kept for them without closing longer ones', () => {
  const anna = { ...rules, reservedNames: ['Anna'] };
  for (const name of ['anna', 'Аппа', 'A n n a', 'Anna!', 'ANNA 7', 'anna2', 'the real Anna', 'Änna']) {
    assert.throws(
      () => parseName(name, anna),
      { code: 'name-reserved', message: /too much like “Anna”/ },
      name,
    );
  }
  for (const name of ['Hannah', 'Annabel', 'Susanna']) assert.equal(parseName(name, anna), name);
});

test('a reserved name in another script is kept too', () => {
  const rulesOf = (name: string) => ({ ...rules, reservedNames: [name] });
  assert.throws(() => parseName('алиса', rulesOf('Алиса')), { code: 'name-reserved' });
  assert.throws(() => parseName('李 小龍', rulesOf('李小龍')), { code: 'name-reserved' });
  assert.equal(parseName('李大龍', rulesOf('李小龍')), '李大龍');
});
