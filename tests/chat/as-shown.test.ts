import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAsShown } from '../../app/chat/as-shown.ts';
import { createChat, somePerson } from '../kit/chat.ts';

const stranger = somePerson({ captchaPassedAtMs: undefined });

test('where a captcha comes before the first message, it comes before the name, too', () => {
  const { modes } = createChat();
  const asShown = createAsShown({ modes });
  assert.deepEqual(asShown(stranger), { ...stranger, name: undefined });
  for (const known of [
    { captchaPassedAtMs: 1 },
    { wroteAtMs: 1 },
    { memberSinceMs: 1 },
    { hasMembersTripcode: true },
    { role: 'moderator' },
  ] as const) {
    assert.equal(asShown({ ...stranger, ...known }).name, 'Ada', JSON.stringify(known));
  }
});

test('names are shown at once where no captcha is asked, until one is', () => {
  const { modes } = createChat({ config: { captcha: { beforeFirstMessage: false } } });
  const asShown = createAsShown({ modes });
  assert.equal(asShown(stranger).name, 'Ada');
  for (const change of [{ captchaBeforeFirst: true }, { captchaEveryMessage: true }]) {
    const before = modes.set(change);
    assert.equal(asShown(stranger).name, undefined);
    modes.set(before);
  }
});
