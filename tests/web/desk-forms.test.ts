/** Every form of the desk, pressed as it stands on the page. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import { z } from 'zod';
import { type Chatter, joinChat } from '../kit/chatter.ts';
import { type Desk, openDesk, pressed } from '../kit/desk.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { openTextBrowser } from '../kit/text-browser.ts';
import { countTurns } from '../kit/turns.ts';
import { until } from '../kit/until.ts';

const credentials = z.object({ username: z.string(), password: z.string() });
const chat = {
  captcha: { beforeFirstMessage: false, afterFlood: false },
  flood: { messages: 100, lines: 2000 },
};

describe('The desk’s forms', () => {
  let server: TestServer;
  let community: TestServer['running']['community'];
  let desk: Desk;
  const guests: Chatter[] = [];

  const arrive = async (name: string): Promise<Chatter> => {
    const guest = await joinChat(server.url, { name });
    guests.push(guest);
    return guest;
  };
  /** Says something that is held back; resolves with its number in the queue. */
  const waits = async (guest: Chatter, text: string): Promise<number> => {
    const refused = guest.say(text).then(
      () => undefined,
      () => undefined,
    );
    const found = await until('it waits', () => community.held.list().find(({ said }) => said.text === text));
    void refused;
    return found.id;
  };
  const list = () => community.bans.list().map(({ kind, name }) => `${kind} ${name.replace(/ #.*/, '')}`);

  before(async () => {
    server = await startTestServer({ title: 'First title', config: { chat } });
    community = server.running.community;
    const { username, password } = credentials.parse(server.running.broadcaster);
    desk = await openDesk(server.url);
    await desk.login(username, password);
  });
  after(async () => {
    for (const guest of guests) await guest.close();
    await server.close();
  });

  it('switch each mode on and off again, and show how it is now', async () => {
    const { modes, moderation } = community;
    const state = async (command: string): Promise<string> => {
      const { html } = await desk.get();
      const item = new RegExp(`data-live="switch-${command}">([\\s\\S]*?)</li>`).exec(html)?.[1] ?? '';
      return /class="switch-state">([^<]*)</.exec(item)?.[1] ?? 'none';
    };
    const table: [button: string, command: string, shown: string, isSo: () => boolean, value?: string][] = [
      ['set-slow', 'slow', '45 seconds', () => modes.state.slowModeS === 45, '45'],
      ['off-slow', 'slow', 'off', () => modes.state.slowModeS === 0, '99'],
      ['set-newcomers', 'newcomers', '7 minutes', () => modes.state.newcomersWaitMinutes === 7, '7'],
      ['off-newcomers', 'newcomers', 'off', () => modes.state.newcomersWaitMinutes === 0],
      ['every-captcha', 'captcha', 'before every message', () => modes.state.captchaEveryMessage],
      ['first-captcha', 'captcha', 'before the first message', () => modes.state.captchaBeforeFirst],
      ['off-captcha', 'captcha', 'off', () => !modes.state.captchaBeforeFirst],
      ['everyone-hold', 'hold', 'everyone’s', () => modes.state.holdBack === 'everyone'],
      ['newcomers-hold', 'hold', 'new people’s', () => modes.state.holdBack === 'newcomers'],
      ['off-hold', 'hold', 'off', () => modes.state.holdBack === 'off'],
      ...(['tripcodes-only', 'members-only', 'closed'] as const).flatMap(
        (command): [string, string, string, () => boolean][] => {
          const isOn = (): boolean =>
            ({
              'tripcodes-only': modes.state.tripcodesOnly,
              'members-only': modes.state.membersOnly,
              closed: modes.state.closed,
            })[command];
          return [
            [`on-${command}`, command, 'on', isOn],
            [`off-${command}`, command, 'off', () => !isOn()],
          ];
        },
      ),
      ['on-raid', 'raid', 'on', () => moderation.raid.isOn && modes.state.slowModeS > 0],
      ['off-raid', 'raid', 'off', () => !moderation.raid.isOn && modes.state.slowModeS === 0],
    ];
    for (const [button, command, shown, isSo, value] of table) {
      const { isError, answer } = await desk.press('', { button, ...(value ? { fields: { value } } : {}) });
      assert.equal(isError, false, `${button}: ${answer}`);
      assert.ok(isSo(), button);
      assert.equal(await state(command), shown, button);
    }
  });

  it('give staff a password of their own, and end what is logged in elsewhere by the one before', async () => {
    const old = { username: 'Olga', password: 'given by somebody else' };
    await desk.press('moderators', {
      button: 'add-moderator',
      fields: { name: old.username, password: old.password },
    });
    const [olga, elsewhere] = [await openDesk(server.url), await openDesk(server.url)];
    for (const each of [olga, elsewhere]) await each.login(old.username, old.password);
    const change = (oldPassword: string, password: string) =>
      olga.press('account', { button: 'change-password', fields: { oldPassword, password } });

    const wrong = await change('not the one so far', 'known to nobody else');
    assert.equal(wrong.status, 403);
    assert.match(wrong.answer, /The password so far is another one/);
    const weak = await change(old.password, 'short');
    assert.match(weak.answer, /has 5 characters; take at least 10/);
    for (const { html } of [wrong, weak])
      assert.doesNotMatch(html, /not the one|given by|known to nobody|short"/);

    const { answer } = await change(old.password, 'known to nobody else');
    assert.match(answer, /Your password is changed/);
    assert.match((await olga.get('log')).html, /password[\s\S]*the account Olga/);
    assert.match((await elsewhere.get()).html, /name="username"/);
    await assert.rejects(elsewhere.login(old.username, old.password));
    await elsewhere.login(old.username, 'known to nobody else');
    await desk.press('moderators', { button: 'Yes, end the account of Olga' });
  });

  it('keep what was typed, and say what is wrong with it', async () => {
    const { status, answer, html } = await desk.press('', { button: 'set-slow', fields: { value: '4000' } });
    assert.equal(status, 422);
    assert.match(answer, /from 0 to 3600/);
    assert.match(html, /name="value" min="0" max="3600" value="4000"/);
    const person = await desk.press('club', { button: 'add-member', fields: { person: 'Nobody "here"' } });
    assert.equal(person.status, 422);
    assert.ok(person.html.includes('value="Nobody &quot;here&quot;"'));
    const title = 'x'.repeat(20_000);
    const long = await desk.press('stream', { button: 'set-title', fields: { text: title } });
    assert.equal(long.status, 422);
    assert.ok(long.html.includes(title));
    assert.match(long.html, /<textarea id="announcement"[^>]*><\/textarea>/);
    const moderator = { name: 'broadcaster', password: 'a long enough password' };
    const taken = await desk.press('moderators', { button: 'add-moderator', fields: moderator });
    assert.equal(taken.status, 422);
    assert.ok(taken.html.includes('value="broadcaster"'));
    assert.ok(!taken.html.includes(moderator.password));
  });

  it('lead to a page that can be loaded again, which does nothing twice', async () => {
    const { html } = await desk.get('stream');
    const { action, body } = pressed(html, { button: 'announce', fields: { text: 'said once' } });
    const post = { method: 'POST', headers: desk.headers, body, redirect: 'manual' } as const;
    const response = await fetch(new URL(action, server.url), post);
    assert.equal(response.status, 303);
    const next = new URL(response.headers.get('location') ?? '', server.url);
    for (let load = 0; load < 3; load++) {
      const page = await (await fetch(next, { headers: desk.headers })).text();
      assert.match(page, /Announced as message \d+/);
    }
    assert.equal(community.room.recent().filter(({ text }) => text === 'said once').length, 1);
    const other = await openDesk(server.url);
    const { username, password } = credentials.parse(server.running.broadcaster);
    await other.login(username, password);
    const elsewhere = await (await fetch(next, { headers: other.headers })).text();
    assert.doesNotMatch(elsewhere, /Announced as message/);
  });

  it('set title, description, pinned text and announcement, and undo from the answer', async () => {
    const set = async (button: string, text: string) => {
      const { answer, isError, html } = await desk.press('stream', { button, fields: { text } });
      assert.equal(isError, false, answer);
      return html;
    };
    await set('set-title', 'Second <title>');
    assert.equal((await readFile(server.titlePath, 'utf8')).trim(), 'Second <title>');
    await set('set-description', 'One line\r\nand another');
    assert.equal(community.moderation.board.state.description, 'One line\nand another');
    await set('set-pin', 'Pinned here');
    assert.equal(community.moderation.board.state.pinned?.text, 'Pinned here');
    await set('unpin', 'Pinned here');
    assert.equal(community.moderation.board.state.pinned, undefined);
    const told = await set('announce', 'Five minutes left');
    const announced = community.room.recent().at(-1);
    assert.equal(announced?.kind, 'notice');
    const { action, body } = pressed(told, { button: 'Undo' });
    await fetch(new URL(action, server.url), { method: 'POST', headers: desk.headers, body });
    assert.equal(community.room.find(announced?.number ?? 0)?.hidden, true);
  });

  it('approve and reject one, several and all that are listed, but none that came since', async () => {
    const ada = await arrive('Ada');
    await desk.press('', { button: 'everyone-hold' });
    for (const text of ['one', 'two', 'three', 'four', 'five']) await waits(ada, text);
    const [one, two, three] = community.held.list();
    const label = `Approve the message of Ada ${ada.tag}`;
    assert.match((await desk.press('', { button: label })).answer, /Approved as message/);
    assert.equal(community.room.recent().at(-1)?.text, 'one');
    const none = await desk.press('', { button: 'approve-ticked' });
    assert.equal(none.status, 422);
    assert.match(none.answer, /Nothing is ticked/);
    const ids = [two, three].map(each => String(each?.id));
    await desk.press('', { button: 'approve-ticked', fields: { ids } });
    assert.deepEqual(
      community.room
        .recent()
        .slice(-2)
        .map(({ text }) => text),
      ['two', 'three'],
    );
    const [four] = community.held.list();
    await desk.press('', { button: 'reject-ticked', fields: { ids: [String(four?.id)] } });
    assert.deepEqual(
      community.held.list().map(({ said }) => said.text),
      ['five'],
    );
    const { html } = await desk.get();
    const { action, body } = pressed(html, { button: 'Reject all 1' });
    await waits(ada, 'came later');
    await fetch(new URL(action, server.url), { method: 'POST', headers: desk.headers, body });
    assert.deepEqual(
      community.held.list().map(({ said }) => said.text),
      ['came later'],
    );
    assert.ok(one);
    assert.match((await desk.press('', { button: `Ban Ada ${ada.tag}` })).answer, /banned for good/);
    assert.equal(community.held.size, 0);
    await desk.press('people', { button: `Lift: Ada ${ada.tag} is banned` });
    await desk.press('', { button: 'off-hold' });
  });

  it('hide, mute and ban one or several people who are here, and lift it', async () => {
    const [ada, bob, eve] = [await arrive('Ada2'), await arrive('Bob'), await arrive('Eve')];
    const number = await bob.say('something of Bob');
    await desk.press('people', { button: `Hide all of Bob ${bob.tag}` });
    assert.equal(community.room.find(number)?.hidden, true);
    const muting = { button: `Mute Bob ${bob.tag}`, fields: { time: '1h', reason: 'shouting' } };
    assert.match((await desk.press('people', muting)).answer, /muted for 1h/);
    assert.deepEqual(
      community.bans.list().map(({ kind, reason }) => [kind, reason]),
      [['mute', 'shouting']],
    );
    assert.match((await desk.press('people', { button: `Unmute Bob ${bob.tag}` })).answer, /may write/);
    // The others that are ticked have nothing to do with a button of one row.
    const one = { button: `Ban Ada2 ${ada.tag}`, fields: { person: [bob.id, eve.id] } };
    await desk.press('people', one);
    assert.deepEqual(list(), ['ban Ada2']);
    await until('Ada is cut off', () => ada.closed());
    const several = await desk.press('people', {
      button: 'ticked-ban',
      fields: { person: [bob.id, eve.id], time: '10m' },
    });
    assert.match(several.answer, /Done for 2 of 2/);
    assert.deepEqual(list().sort(), ['ban Ada2', 'ban Bob', 'ban Eve']);
    const undo = pressed(several.html, { button: 'Undo' });
    const { headers } = desk;
    await fetch(new URL(undo.action, server.url), { method: 'POST', headers, body: undo.body });
    assert.deepEqual(list(), ['ban Ada2'], 'all of it is undone at once');
    const none = await desk.press('people', { button: 'ticked-mute', fields: { reason: 'kept' } });
    assert.equal(none.status, 422);
    assert.ok(none.html.includes('value="kept"'));
    for (const { name } of community.bans.list()) {
      assert.equal((await desk.press('people', { button: `Lift: ${name} is banned` })).isError, false);
    }
    assert.deepEqual(list(), []);
  });

  it('do something to many people without holding up what everybody else waits for', async () => {
    const guests = await Promise.all(['Ina', 'Jon', 'Kim'].map(arrive));
    using turn = countTurns();
    const turns: number[] = [];
    const stop = community.bans.changes.subscribe(() => turns.push(turn.now()));
    await desk.press('people', { button: 'ticked-mute', fields: { person: guests.map(({ id }) => id) } });
    stop();
    assert.equal(turns.length, 3);
    assert.equal(new Set(turns).size, 3, `in turns ${turns}`);
    for (const { id } of guests) await desk.give(`unmute ${id}`);
  });

  it('find people by a part of their name, also those who have left', async () => {
    const [zoe] = [await arrive('Zoë')];
    await zoe.close();
    await until('she is gone or still here', () => community.people.find(zoe.id) !== undefined);
    const { html } = await desk.get('people?q=zo%C3%AB');
    assert.match(html, /<bdi class="name">Zoë<\/bdi>/);
    assert.doesNotMatch(html, /data-live="person-[^"]*">[\s\S]{0,400}<bdi class="name">Bob</);
    const { html: after } = await desk.press('people?q=zo%C3%AB', { button: `Mute Zoë ${zoe.tag}` });
    assert.match(after, /name="q" value="zoë"/);
    await desk.give(`unmute ${zoe.id}`);
  });

  it('try a filter before it is saved, with all that was typed still there, then save and remove it', async () => {
    const { filters } = community.moderation;
    const fields = { kind: 'regex', action: 'mute', time: '30m', pattern: 'b(a|u)d', text: 'a <bad> text' };
    const tried = await desk.press('filters', { button: 'try-filter', fields });
    assert.match(tried.answer, /One filter matches: mute/);
    assert.equal(filters.list().length, 0);
    for (const kept of [
      'value="b(a|u)d"',
      'value="30m"',
      '>a &lt;bad&gt; text<',
      '"regex" selected',
      '"mute" selected',
    ]) {
      assert.ok(tried.html.includes(kept), kept);
    }
    const broken = await desk.press('filters', {
      button: 'add-filter',
      fields: { ...fields, pattern: '(a+' },
    });
    assert.equal(broken.status, 422);
    assert.ok(broken.html.includes('value="(a+"'));
    await desk.press('filters', { button: 'add-filter', fields });
    assert.deepEqual(
      filters.list().map(({ kind, action, forMs, pattern }) => [kind, action, forMs, pattern]),
      [['regex', 'mute', 30 * 60_000, 'b(a|u)d']],
    );
    const saved = await desk.press('filters', { button: 'try-filter', fields: { text: 'so bud' } });
    assert.match(saved.answer, /One filter matches/);
    const [known] = filters.list();
    assert.ok(known);
    await desk.press('filters', { button: 'Remove the filter b(a|u)d' });
    assert.equal(filters.list().length, 0);
    // As one that an older version took.
    filters.restore({ ...known, pattern: '(a)\\1' });
    assert.match((await desk.get('filters')).html, /off: it can’t be used any more/);
    await desk.press('filters', { button: 'Remove the filter (a)\\1' });
  });

  it('add moderators, invite them, revoke the invitation, and end their account', async () => {
    const { accounts } = community.moderation;
    const added = await desk.press('moderators', { button: 'add-moderator', fields: { name: 'Mallory' } });
    const secret = /shown only now: (\S+)/.exec(added.answer)?.[1] ?? '';
    const mallory = await openDesk(server.url);
    await mallory.login('Mallory', secret);
    assert.match((await mallory.get()).html, /Log out Mallory/);
    await desk.press('moderators', { button: 'invite-moderator', fields: { note: 'for Oscar', time: '2d' } });
    assert.match((await desk.get('moderators')).html, /for Oscar[\s\S]{0,60}open for 2d/);
    await desk.press('moderators', { button: 'Revoke the invitation for Oscar' });
    assert.equal(community.invitations.list().length, 0);
    await desk.press('moderators', { button: 'Yes, end the account of Mallory' });
    assert.equal(accounts.moderators().length, 0);
    assert.match((await mallory.get()).html, /name="password"/);
  });

  it('make members by invitation, by hand and by tripcode, and take that back', async () => {
    const { club } = community.moderation;
    const { answer } = await desk.press('club', { button: 'invite-member', fields: { note: 'a friend' } });
    const path = /\/\?invite=[\w-]+/.exec(answer)?.[0] ?? '';
    const friend = await openTextBrowser(server.url);
    assert.equal((await friend.send(path, { invitation: path.slice('/?invite='.length) })).status, 303);
    assert.equal(club.members().length, 1);
    await desk.press('club', { button: 'invite-member', fields: { note: 'nobody' } });
    await desk.press('club', { button: 'Revoke the invitation nobody' });
    assert.doesNotMatch((await desk.get('club')).html, /<b>nobody</);
    await arrive('Peggy');
    await desk.press('club', { button: 'add-member', fields: { person: 'Peggy' } });
    assert.deepEqual(
      club.members().map(({ name }) => name),
      [undefined, 'Peggy'],
    );
    await desk.press('club', { button: 'End the membership of Peggy' });
    assert.equal(club.members().length, 1);
    await desk.press('club', { button: 'allow-tripcode', fields: { tripcode: 'abcdefghijkl', note: 'me' } });
    assert.equal(club.tripcodes()[0]?.tripcode, 'abcdefghijkl');
    await desk.press('club', { button: 'Take abcdefghijkl off the list' });
    assert.equal(club.tripcodes().length, 0);
  });

  it('undo what the log lists, once, and turn its pages', async () => {
    await desk.give('slow 77');
    const id = community.moderation.log.recent(1)[0]?.id;
    await desk.press('log', { button: `undo-${id}` });
    assert.equal(community.modes.state.slowModeS, 0);
    const { html } = await desk.get('log');
    assert.ok(!html.includes(`id="undo-${id}"`));
    assert.match(html, /class="badge">undone</);
    for (let n = 1; n <= 60; n++) await desk.give(`slow ${n}`);
    const older = /href="(\/broadcaster\/log\?before=\d+)"/.exec((await desk.get('log')).html)?.[1];
    const page = await desk.get(older?.replace('/broadcaster/', ''));
    assert.match(page.html, /<bdi>Slow mode is on: 1 seconds/);
    assert.match(page.html, /href="\/broadcaster\/log">Newest/);
  });

  it('end the stream and clear the chat only behind a second press', async () => {
    const { html } = await desk.get('stream');
    for (const button of ['end-stream', 'clear-chat']) {
      assert.match(
        html,
        new RegExp(`<details[^>]*><summary>[^<]+</summary><p>[^<]+</p><button[^>]* id="${button}"`),
      );
    }
    assert.match((await desk.press('stream', { button: 'end-stream' })).answer, /No encoder of ours runs/);
    community.room.append({
      author: { personId: 'x', tag: '', name: 'X', colour: '#ffffff', tripcode: undefined, role: 'viewer' },
      text: 'to be cleared',
      replyTo: undefined,
      nonce: undefined,
    });
    await desk.press('stream', { button: 'clear-chat' });
    assert.equal(community.room.recent().length, 0);
  });

  it('stand beside the figures, whose picture has the same in words', async () => {
    community.moderation.viewers.tick(3);
    community.moderation.counters.refusal('flood');
    const { html } = await desk.get();
    for (const name of ['Watching', 'On for', 'Bitrate', 'Parts/s', 'Latency', 'Refused']) {
      assert.ok(html.includes(`<dt>${name}</dt>`), name);
    }
    assert.match(html, /<td>too fast<\/td><td>1<\/td><td>1<\/td>/);
    assert.match(html, /<td>5 min ago<\/td><td>now<\/td><td>\d+<\/td>/);
    const address = /<img src="([^"]+)"[^>]*alt="Viewers in the last 1 h: at most \d+/.exec(html)?.[1] ?? '';
    const response = await fetch(new URL(address.replace('&amp;', '&'), server.url), {
      headers: desk.headers,
    });
    assert.equal(response.headers.get('content-type'), 'image/png');
    const png = Buffer.from(await response.arrayBuffer());
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [640, 96]);
    const start = png.indexOf('IDAT') + 4;
    const length = png.readUInt32BE(start - 8);
    const rows = inflateSync(png.subarray(start, start + length));
    const row = rows.subarray(rows.length - 321);
    assert.notEqual(row.at(-1), row[1], 'the newest sample is seen at the right, nothing at the left');
    const facts = await desk.get('facts');
    assert.match(facts.html, /http-equiv="refresh" content="5;url=\/broadcaster\/facts"/);
    assert.match(facts.html, /<dt>Watching<\/dt>/);
  });
});
