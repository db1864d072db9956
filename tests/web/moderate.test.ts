/** Moderating from the chat without JavaScript: the forms in staff's endless page. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Topic } from '../../app/lib/topic.ts';
import { FrameDocument } from '../../app/web/frame/document.ts';
import { RenderedPeople } from '../../app/web/frame/people.ts';
import { RenderedMessages } from '../../app/web/frame/rendered.ts';
import { parseOrder } from '../../app/web/moderate/routes.ts';
import { said, somePerson } from '../kit/chat.ts';
import { type Chatter, joinChat } from '../kit/chatter.ts';
import { readFrame } from '../kit/frame-reader.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { logIn, logOut, personIdOf } from '../kit/staff.ts';
import { isVeiled, openStaff, readColumn } from '../kit/staff-column.ts';
import { openTextBrowser, unescapeHtml } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 100, lines: 2000 },
};
// What no viewer is sent.
const staffMarkup =
  /class="(row|pick|acts|moderate|picked-bar|person-open)|moderate\.?[^"]*\.css|name="csrf"/;

const toldBy = (html: string): string => unescapeHtml(/role="status">([^<]*)</.exec(html)?.[1] ?? '');

describe('Staff without JavaScript', () => {
  let server: TestServer;
  let room: TestServer['running']['community']['room'];
  let guest: Chatter;
  let staff: Awaited<ReturnType<typeof openStaff>>;

  const say = (text: string): number => room.append(said(text, somePerson({ id: guest.id }))).number;

  before(async () => {
    server = await startTestServer({ title: 'A title', config: { chat } });
    room = server.running.community.room;
    guest = await joinChat(server.url, { name: 'Guest' });
    await guest.say('said before');
    staff = await openStaff(server, 'Eve');
  });
  after(async () => {
    await staff[Symbol.asyncDispose]();
    await guest.close();
    await server.close();
  });

  it('has a box and a menu at every message and a button at every person, and nobody else is sent any of it', async () => {
    const number = say('seen by both');
    const viewer = await openTextBrowser(server.url);
    await using other = await readColumn(server, viewer);
    await using nobody = await readColumn(server);
    await until('the message', () => staff.column.html().includes(`id="r${number}"`));
    await until('the people', () => staff.column.html().includes(`value="people ${guest.id}"`));
    assert.ok(staff.column.html().includes(`name="n" value="${number}"`));
    assert.ok(staff.column.html().includes(`value="ban-1h ${number}"`));
    for (const { html } of [other, nobody]) {
      await until('the message', () => html().includes('seen by both'));
      assert.doesNotMatch(html(), staffMarkup);
    }
    for (const path of ['/', '/chat/plain', '/chat/form']) {
      const page = (await viewer.get(path)).html.replace(/name="csrf"/g, '');
      assert.doesNotMatch(page, staffMarkup, path);
    }
  });

  it('hides a message, still sees it as hidden, and shows it again or undoes it', async () => {
    const number = say('to be hidden');
    await using viewer = await readColumn(server);
    const answer = await staff.press(`hide ${number}`);
    assert.equal(toldBy(answer), `Hidden: message ${number}.`);
    await until('it is gone', () => viewer.html().includes(`#m${number}{display:none}`));
    await until('it is struck', () => isVeiled(staff.column.html(), number));
    assert.ok(!staff.column.html().includes(`#m${number}{display:none}`));
    await using late = await readFrame(`${server.url}chat/live`, staff.browser.headers);
    await until('it is there', () => isVeiled(late.html(), number));
    await staff.press(`unhide ${number}`);
    await until('it is back', () => viewer.html().includes(`#m${number}{display:block}`));
    await until('no longer struck', () => !isVeiled(staff.column.html(), number));
    const again = await staff.press(`hide ${number}`);
    const undo = /name="do" value="(undo [\d,]+)"/.exec(again)?.[1] ?? '';
    assert.match(toldBy(await staff.press(undo)), /^Undone: hide message/);
    await until('shown', () => room.recent().some(message => message.number === number));
  });

  it('does to the ticked what is pressed in the bar, and to one message only what is pressed at it', async () => {
    const numbers = ['one', 'two', 'three'].map(say);
    const [first = 0, second = 0, third = 0] = numbers;
    assert.match(
      toldBy(await staff.press(`hide ${first}`, [second, third])),
      new RegExp(`message ${first}\\.$`),
    );
    const shown = (): number[] => room.recent().map(({ number }) => number);
    assert.ok(shown().includes(second) && shown().includes(third));
    const told = toldBy(await staff.press('hide', numbers));
    assert.equal(told, `Hidden: messages ${second}, ${third}.`);
    assert.ok(!shown().includes(second) && !shown().includes(third));
    assert.match(toldBy(await staff.press('unhide', numbers)), /^Shown again: /);
    assert.match(toldBy(await staff.press('hide')), /Nothing is selected/);
  });

  it('bans by a message for the tripcode under it too', async () => {
    const { people, bans } = server.running.community;
    await using other = await joinChat(server.url, { name: 'Other' });
    const { tripcode } = await people.setTripcode(other.id, 'a password');
    const number = await other.say('under a tripcode');
    for (let index = 0; index < 12; index++) {
      const later = await people.setTripcode(other.id, `password ${index}`);
      room.append(said('under another', somePerson({ id: other.id, tripcode: later.tripcode })));
    }
    people.clearTripcode(other.id);
    assert.match(toldBy(await staff.press(`ban-1h ${number}`)), /is banned for 1h/);
    assert.ok(bans.isBanned(somePerson({ id: 'somebody else', tripcode })));
    assert.match(toldBy(await staff.press(`lift ${number}`)), /may be here again/);
    assert.deepEqual(bans.list(), []);
  });

  it('shows who the ticked messages are by before anything is done to them', async () => {
    await using other = await joinChat(server.url, { name: 'Second <b>guest</b>' });
    const numbers = [
      await guest.say('by one'),
      await other.say('by another'),
      await guest.say('by one again'),
    ];
    const page = await staff.press('people', numbers);
    assert.deepEqual(
      [...page.matchAll(/name="p" value="(\w+)"/g)].map(([, id]) => id).sort(),
      [guest.id, other.id].sort(),
    );
    assert.match(page, /2 people/);
    assert.ok(page.includes(`Second &lt;b&gt;guest&lt;/b&gt; ${other.tag}`));
    const { bans } = server.running.community;
    assert.equal(bans.list().length, 0);
    const people = [guest, other].map(({ id }): [string, string] => ['p', id]);
    const done = await staff.post([['csrf', staff.csrf], ...people, ['do', 'mute-10m']], '/chat/moderate');
    assert.equal(done.status, 303);
    assert.deepEqual(
      bans
        .list()
        .map(({ kind, personId }) => `${kind} ${personId}`)
        .sort(),
      [`mute ${guest.id}`, `mute ${other.id}`].sort(),
    );
    await assert.rejects(guest.say('muted'), /muted/i);
    const lifted = await staff.press(`lift ${guest.id}`);
    assert.match(toldBy(lifted), /may write again/);
    await guest.say('may write again');
    assert.match(toldBy(await staff.press(`lift ${guest.id}`)), /neither muted nor banned/);
  });

  it('purges for good: such a message is gone for staff too', async () => {
    const vandal = await joinChat(server.url, { name: 'Vandal' });
    const number = await vandal.say('to be purged');
    await until('it is there', () => staff.column.html().includes(`id="r${number}"`));
    await staff.press(`ban-purge ${number}`);
    await until('gone', () => staff.column.html().includes(`#r${number}{display:none}`));
    assert.equal(room.find(number), undefined);
    await until('cut off', () => vandal.closed());
    assert.match(toldBy(await staff.press(`ban-good ${number}`)), /Nothing is selected/);
  });

  it('is told in a sentence what they may not do', async () => {
    await using boss = await openStaff(server);
    const announcement = room.append(
      said('I am the boss', somePerson({ id: personIdOf(server, boss.cookie), role: 'broadcaster' })),
    );
    assert.match(toldBy(await staff.press(`ban-1h ${announcement.number}`)), /broadcaster/);
    await until('the message', () => staff.column.html().includes(`id="r${announcement.number}"`));
    // Not even offered.
    assert.ok(!staff.column.html().includes(`value="ban-1h ${announcement.number}"`));
    assert.match(toldBy(await staff.press('no-such-act 12')), /another version/);
  });

  it('is not obeyed without the mark of their own session, or by a form from elsewhere', async () => {
    const number = say('stays');
    for (const csrf of ['', 'made-up', (await openTextBrowser(server.url)).headers.cookie ?? '']) {
      const response = await staff.post([
        ['csrf', csrf],
        ['do', `hide ${number}`],
      ]);
      assert.equal(response.status, 403);
    }
    const viewer = await openTextBrowser(server.url);
    const form = await viewer.get('/chat/form');
    const csrf = /name="csrf" value="([^"]+)"/.exec(form.html)?.[1] ?? '';
    const body = new URLSearchParams({ csrf, do: `hide ${number}` });
    const asViewer = await fetch(`${server.url}chat/moderate`, {
      method: 'POST',
      headers: viewer.headers,
      body,
    });
    assert.equal(asViewer.status, 403);
    assert.equal((await viewer.get('/chat/moderate')).status, 403);
    assert.ok(room.recent().some(message => message.number === number));
  });

  it('may select hundreds, and is told when it is too many', async () => {
    const many = Array.from({ length: 2000 }, (_, n) => 100_000 + n);
    assert.match(toldBy(await staff.press('hide', many)), /None of these is shown/);
    const page = await staff.press('hide', [...many, 1]);
    assert.match(page, /At most 2000/);
  });

  it('has all of it without cookies too', async () => {
    await using bare = await openStaff(server, 'Eve', { cookies: false });
    assert.match(bare.browser.query, /^\?t=/);
    const number = say('without cookies');
    assert.match(toldBy(await bare.press(`hide ${number}`)), /^Hidden/);
  });
});

describe('A log-in', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ config: { chat } });
  });
  after(() => server.close());

  it('gives the means to moderate to a page that is open already, and its end takes them and their power at once', async () => {
    const browser = await openTextBrowser(server.url);
    const cookie = browser.headers.cookie ?? '';
    const { room } = server.running.community;
    const number = room.append(said('something', somePerson())).number;
    room.hide([number]);
    const column = await readColumn(server, browser);
    await logIn(server, cookie, 'Eve');
    await until('the page begins anew', () => column.over());
    await using mine = await readColumn(server, browser);
    assert.match(mine.html(), staffMarkup);
    assert.ok(isVeiled(mine.html(), number));
    const csrf = /name="csrf" value="([^"]+)"/.exec(mine.html())?.[1] ?? '';
    logOut(server, cookie);
    await until('the page begins anew', () => mine.over());
    const body = new URLSearchParams({ csrf, do: `unhide ${number}` });
    const init = { method: 'POST', headers: browser.headers, body };
    assert.equal((await fetch(`${server.url}chat/moderate`, init)).status, 403);
    assert.equal(room.find(number)?.hidden, true);
    await using theirs = await readColumn(server, browser);
    assert.doesNotMatch(theirs.html(), staffMarkup);
    assert.ok(!theirs.html().includes('something'));
  });

  it('ends for a moderator whose account is removed, in what they have open', async () => {
    await using eve = await openStaff(server, 'Removed');
    const { commands } = server.running.community.moderation;
    await commands.run('mods remove', { name: 'Removed' }, { role: 'broadcaster', name: 'broadcaster' });
    await until('the page begins anew', () => eve.column.over());
    const response = await eve.post([
      ['csrf', eve.csrf],
      ['do', 'hide 1'],
    ]);
    assert.equal(response.status, 403);
  });
});

describe('What a button says', () => {
  it('is about what it names, or else about what is ticked; anything else is about nothing', () => {
    const ticked = { numbers: [7], personIds: [] };
    const id = '1234567890123456';
    for (const [value, expected] of [
      ['hide', { verb: 'hide', chosen: ticked }],
      ['hide 12', { verb: 'hide', chosen: { numbers: [12], personIds: [] } }],
      ['undo 3,4', { verb: 'undo', chosen: { numbers: [3, 4], personIds: [] } }],
      [`ban-1h ${id}`, { verb: 'ban-1h', chosen: { numbers: [], personIds: [id] } }],
      ['hide 0', { verb: 'hide', chosen: { numbers: [], personIds: [] } }],
      ['hide 12 13', { verb: '', chosen: ticked }],
      ['HIDE', { verb: '', chosen: ticked }],
    ] as const) {
      assert.deepEqual(parseOrder(value, ticked), expected, value);
    }
  });
});

describe('A document of staff', () => {
  it('is given a message that was hidden before it came to it, as hidden, and others are not', () => {
    const style = { defaultName: 'Anonymous', clickableLinks: false };
    const emotes = { find: () => undefined, has: () => false, changes: new Topic<readonly string[]>() };
    const message = { ...said('missed'), number: 3, kind: 'said' as const, atMs: 0, hidden: true };
    const documentFor = (staff: 'moderator' | undefined) =>
      new FrameDocument({
        nonce: 'nonce',
        query: '',
        silentS: 45,
        messages: new RenderedMessages({ ...style, emotes }),
        people: new RenderedPeople(style),
        room: { find: number => (number === 3 ? message : undefined) },
        staff,
      });
    const event = { type: 'hide', number: 9, numbers: [2, 3] } as const;
    assert.match(String(documentFor('moderator').event(event)), /class="row veiled" id="r3".*missed/);
    assert.equal(documentFor(undefined).event(event), '');
  });
});
