import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSubmit, type SubmitResult } from '../../app/chat/submit.ts';
import { Failure } from '../../app/lib/failure.ts';
import { silentLog } from '../../app/lib/log.ts';
import { createChat, somePerson, startMs } from '../kit/chat.ts';

const ada = somePerson();
const moderator = somePerson({ id: 'mmmm', role: 'moderator', captchaPassedAtMs: undefined });
const minuteMs = 60_000;

/** `posted 1`, `held` or the reason of the refusal. */
function outcome(result: SubmitResult): string {
  if (!result.ok) return result.reason;
  return result.held ? 'held' : `posted ${result.message.number}`;
}

test('a draft becomes a message: cleaned, stored, told to everyone, and the person has written', async () => {
  const { submit, room, wrote } = createChat();
  const result = await submit({ text: ' hello \r\nworld\u202e ' }, ada);
  assert.equal(outcome(result), 'posted 1');
  assert.equal(room.recent()[0]?.text, ' hello\nworld');
  assert.deepEqual(wrote, [ada.id]);
});

test('a text that can’t be used comes back with the reason', async () => {
  const { submit, room } = createChat({ config: { maxLength: 10, maxLines: 2 } });
  for (const [text, reason] of [
    [' \n ', 'message-empty'],
    ['a'.repeat(11), 'message-too-long'],
    ['a\nb\nc', 'message-too-many-lines'],
  ] as const) {
    const result = await submit({ text }, ada);
    assert.equal(outcome(result), reason);
    assert.ok(!result.ok && result.sentence.endsWith('.'));
  }
  assert.equal(room.lastNumber, 0);
});

test('a retry with the same nonce never posts twice, whatever has changed meanwhile', async () => {
  const { submit, modes, bans, room, clock } = createChat();
  const draft = { text: 'hello', nonce: 'abcdefgh' };
  const results = await Promise.all([submit(draft, ada), submit(draft, ada), submit(draft, ada)]);
  assert.deepEqual(results.map(outcome), ['posted 1', 'posted 1', 'posted 1']);
  modes.set({ closed: true });
  bans.add({ kind: 'ban', person: ada, name: 'Ada', untilMs: null, reason: '', by: 'broadcaster' });
  clock.nowMs += minuteMs;
  assert.equal(outcome(await submit(draft, ada)), 'posted 1');
  assert.equal(outcome(await submit({ ...draft, nonce: 'hgfedcba' }, ada)), 'banned');
  assert.equal(room.lastNumber, 1);
});

test('a draft of the wrong shape is refused', async () => {
  const { submit } = createChat();
  for (const draft of [
    { text: 'a', nonce: 'short' },
    { text: 'a', nonce: `${'x'.repeat(65)}` },
    { text: 'a', nonce: 'with space' },
    { text: 'a', replyTo: 0 },
    { text: 'a', replyTo: 1.5 },
  ]) {
    assert.equal(outcome(await submit(draft, ada)), 'draft-invalid');
  }
});

test('an answer to a message that isn’t there is an ordinary message', async () => {
  const { submit, room } = createChat();
  await submit({ text: 'a' }, ada);
  await submit({ text: 'b', replyTo: 1 }, ada);
  await submit({ text: 'c', replyTo: 9 }, ada);
  assert.deepEqual(
    room.recent().map(({ replyTo }) => replyTo),
    [undefined, 1, undefined],
  );
});

test('the banned and the muted are refused, told until when', async () => {
  const { submit, bans, clock } = createChat();
  const order = { person: ada, name: 'Ada', reason: '', by: 'broadcaster' };
  bans.add({ ...order, kind: 'mute', untilMs: clock.nowMs + 5 * minuteMs });
  assert.deepEqual(await submit({ text: 'a' }, ada), {
    ok: false,
    reason: 'muted',
    sentence: 'You are muted in this chat. Write again in 5 minutes.',
    retryAtMs: startMs + 5 * minuteMs,
  });
  bans.add({ ...order, kind: 'ban', untilMs: null });
  const banned = await submit({ text: 'a' }, ada);
  assert.ok(!banned.ok && banned.reason === 'banned' && banned.retryAtMs === undefined);
});

test('who comes by the circuit of someone banned waits and solves a captcha', async () => {
  const { submit, bans, clock } = createChat();
  const eve = somePerson({ id: 'eeee' });
  bans.add({
    kind: 'ban',
    person: eve,
    name: 'Eve',
    circuits: ['203'],
    untilMs: null,
    reason: '',
    by: 'mod',
  });
  const origin = { circuit: '203' };
  const first = await submit({ text: 'a' }, ada, origin);
  assert.ok(!first.ok && first.reason === 'newcomers-wait' && first.retryAtMs !== undefined);
  assert.equal(outcome(await submit({ text: 'a' }, ada, { circuit: '204' })), 'posted 1');
  clock.nowMs = first.retryAtMs;
  const second = await submit({ text: 'b' }, ada, origin);
  assert.ok(!second.ok && second.needs === 'captcha');
  assert.equal(
    outcome(await submit({ text: 'b' }, { ...ada, captchaPassedAtMs: clock.nowMs }, origin)),
    'posted 2',
  );
});

test('each mode keeps out whom it is for, and no moderator', async () => {
  const tripcode = {
    text: 'abcdefghij',
    kind: 'secure' as const,
    colours: { foreground: '#000000', background: '#ffffff' },
  };
  const cases = [
    { set: { closed: true }, reason: 'chat-closed', passes: moderator },
    { set: { membersOnly: true }, reason: 'members-only', passes: somePerson({ memberSinceMs: 1 }) },
    { set: { tripcodesOnly: true }, reason: 'tripcodes-only', passes: somePerson({ tripcode }) },
    { set: { newcomersWaitMinutes: 1440 }, reason: 'posted 1', passes: ada },
    {
      set: { captchaEveryMessage: true },
      reason: 'captcha',
      passes: somePerson({ captchaPassedAtMs: startMs + 1 }),
    },
  ] as const;
  for (const { set, reason, passes } of cases) {
    const { submit, modes } = createChat();
    modes.set(set);
    assert.equal(outcome(await submit({ text: 'a' }, ada)), reason);
    assert.match(outcome(await submit({ text: 'b' }, passes)), /^posted/, JSON.stringify(set));
    assert.match(outcome(await submit({ text: 'c' }, moderator)), /^posted/);
  }
});

test('new visitors are told how long they have to wait', async () => {
  const { submit, modes, clock } = createChat();
  modes.set({ newcomersWaitMinutes: 10 });
  const newcomer = somePerson({ createdAtMs: clock.nowMs - 4 * minuteMs });
  const result = await submit({ text: 'a' }, newcomer);
  assert.ok(!result.ok && result.reason === 'newcomers-wait');
  assert.equal(result.retryAtMs, startMs + 6 * minuteMs);
  assert.match(result.sentence, /in 6 minutes/);
  clock.nowMs += 6 * minuteMs;
  assert.equal(outcome(await submit({ text: 'a' }, newcomer)), 'posted 1');
});

test('a site for members or behind a captcha is so for the chat, too', async () => {
  const chat = createChat({ config: { captcha: { beforeFirstMessage: false } } });
  const stranger = somePerson({ captchaPassedAtMs: undefined });
  const members = createSubmit({ ...chat, access: 'members' }, chat.config);
  assert.equal(outcome(await members({ text: 'a' }, stranger)), 'members-only');
  const captcha = createSubmit({ ...chat, access: 'captcha' }, chat.config);
  assert.equal(outcome(await captcha({ text: 'a' }, stranger)), 'captcha');
  assert.equal(outcome(await chat.submit({ text: 'a' }, stranger)), 'posted 1');
});

test('flooding is refused with the time to try again, costs a captcha, and the text then passes', async () => {
  const { submit, clock } = createChat();
  for (const text of ['a', 'b', 'c', 'd']) assert.match(outcome(await submit({ text }, ada)), /^posted/);
  const refused = await submit({ text: 'e' }, ada);
  assert.deepEqual(refused, {
    ok: false,
    reason: 'flood',
    sentence: 'That was a lot in a short time. Write again in 20 seconds, with a captcha.',
    retryAtMs: startMs + 20_000,
    needs: 'captcha',
  });
  clock.nowMs += 5000;
  const solved = { ...ada, captchaPassedAtMs: clock.nowMs };
  clock.nowMs += 5000;
  const early = await submit({ text: 'e' }, solved);
  assert.ok(!early.ok && early.reason === 'flood' && early.needs === undefined);
  clock.nowMs = startMs + 20_000;
  assert.equal(outcome(await submit({ text: 'e' }, solved)), 'posted 5');
});

test('every so many messages a captcha is asked for, and the text then passes', async () => {
  const { submit, clock } = createChat({ config: { captcha: { everyMessages: 2 } } });
  assert.equal(outcome(await submit({ text: 'a' }, ada)), 'posted 1');
  assert.equal(outcome(await submit({ text: 'b' }, ada)), 'posted 2');
  const refused = await submit({ text: 'c' }, ada);
  assert.ok(!refused.ok && refused.reason === 'captcha' && refused.needs === 'captcha');
  clock.nowMs += 1;
  assert.equal(outcome(await submit({ text: 'c' }, { ...ada, captchaPassedAtMs: clock.nowMs })), 'posted 3');
});

test('refusals don’t count as messages', async () => {
  const { submit, room } = createChat();
  for (let index = 0; index < 50; index++)
    await submit({ text: `a${index}` }, somePerson({ captchaPassedAtMs: undefined }));
  for (let index = 0; index < 50; index++) await submit({ text: ' ' }, ada);
  for (const text of ['a', 'b', 'c', 'd']) assert.match(outcome(await submit({ text }, ada)), /^posted/);
  assert.equal(room.lastNumber, 4);
});

test('moderators write as they like', async () => {
  const { submit, modes } = createChat();
  modes.set({ slowModeS: 60, holdBack: 'everyone', captchaEveryMessage: true });
  for (let index = 1; index <= 30; index++)
    assert.equal(outcome(await submit({ text: 'same' }, moderator)), `posted ${index}`);
});

test('with hold-back a message waits, is approved once and then posted, or dropped', async () => {
  const { submit, modes, held, room, store } = createChat();
  modes.set({ holdBack: 'everyone' });
  const draft = { text: 'hello', nonce: 'abcdefgh' };
  assert.equal(outcome(await submit(draft, ada)), 'held');
  assert.equal(outcome(await submit(draft, ada)), 'held');
  await submit({ text: 'spam' }, ada);
  assert.equal(room.lastNumber, 0);
  assert.deepEqual(
    held.list().map(({ said }) => said.text),
    ['hello', 'spam'],
  );

  const restarted = createChat({ store });
  const [first, second] = restarted.held.list();
  assert.ok(first && second);
  assert.equal(restarted.held.approve(first.id)?.text, 'hello');
  assert.equal(restarted.held.approve(first.id), undefined);
  assert.equal(restarted.held.reject(second.id), true);
  assert.equal(restarted.held.reject(second.id), false);
  assert.equal(outcome(await restarted.submit(draft, ada)), 'posted 1');
  assert.equal(createChat({ store }).held.size, 0);
});

test('a message approved just before the process died is not posted a second time', async () => {
  const { submit, modes, held, room, store } = createChat();
  modes.set({ holdBack: 'everyone' });
  await submit({ text: 'hello' }, ada);
  const [waiting] = held.list();
  assert.ok(waiting);
  // As if the process had died after the message was stored and before it left the queue.
  room.append(waiting.said);
  const restarted = createChat({ store });
  assert.equal(restarted.held.approve(waiting.id)?.number, 1);
  assert.equal(restarted.room.lastNumber, 1);
});

test('hold-back of newcomers lets those pass of whom a message is shown', async () => {
  const { submit, modes, held, room } = createChat();
  modes.set({ holdBack: 'newcomers' });
  assert.equal(outcome(await submit({ text: 'a' }, ada)), 'held');
  const [waiting] = held.list();
  assert.ok(waiting);
  held.approve(waiting.id);
  assert.equal(outcome(await submit({ text: 'b' }, ada)), 'posted 2');
  room.hideOfPerson(ada.id);
  assert.equal(outcome(await submit({ text: 'c' }, ada)), 'held');
});

test('what a person has waiting can be dropped at once, and what waits too long is', async () => {
  const { submit, modes, held, clock } = createChat({ config: { retentionDays: 1 } });
  modes.set({ holdBack: 'everyone' });
  await submit({ text: 'a' }, ada);
  await submit({ text: 'b' }, ada);
  await submit({ text: 'c' }, somePerson({ id: 'bbbb' }));
  const sizes: number[] = [];
  held.changes.subscribe(size => sizes.push(size));
  assert.equal(held.rejectOfPerson(ada.id), 2);
  assert.deepEqual(sizes, [2, 1]);
  clock.nowMs += 86_400_000;
  held.expire();
  assert.equal(held.size, 1);
  clock.nowMs += 1;
  held.expire();
  assert.equal(held.size, 0);
});

test('the hold-back queue is bounded', async () => {
  const { submit, modes, held } = createChat();
  modes.set({ holdBack: 'everyone' });
  for (let index = 0; index < 200; index++)
    await submit({ text: `m${index}` }, somePerson({ id: `p${index}` }));
  assert.equal(outcome(await submit({ text: 'one more' }, ada)), 'hold-full');
  assert.equal(held.size, 200);
});

test('a message that could not be stored is refused as such, costs nothing and leaves no gap', async () => {
  const chat = createChat();
  const errors: string[] = [];
  const log = { ...silentLog, error: (sentence: string) => errors.push(sentence) };
  const submit = createSubmit({ ...chat, access: 'open', log }, chat.config);
  const { messages } = chat.store;
  messages.append = () => {
    throw new Failure('store-write-failed', 'The disk is full.');
  };
  for (let index = 0; index < 10; index++)
    assert.equal(outcome(await submit({ text: 'my secret' }, ada)), 'not-stored');
  Reflect.deleteProperty(messages, 'append');
  assert.equal(outcome(await submit({ text: 'my secret' }, ada)), 'posted 1');
  assert.equal(errors.length, 10);
  assert.ok(!errors.join().includes('secret'), 'no message text in the log');
});

test('a defect is no refusal: it comes up to the caller', async () => {
  const chat = createChat();
  chat.room.events.subscribe(() => {
    throw new TypeError('a bug');
  });
  await assert.rejects(chat.submit({ text: 'a' }, ada), TypeError);
});
