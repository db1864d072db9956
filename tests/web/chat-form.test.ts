/** Writing by forms alone: what is accepted, what is refused, and that nothing typed is ever lost. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { captchaIn, makeSolvable, rightAnswer } from '../kit/captcha.ts';
import { startTestServer, type TestServer } from '../kit/server.ts';
import { noticeIn, openTextBrowser, type Page, type TextBrowser, unescapeHtml } from '../kit/text-browser.ts';

const withoutCaptcha = { captcha: { beforeFirstMessage: false, afterFlood: false } };

/** What stands in the form's field. */
function typedIn({ html }: Page): string {
  const [, line, lines] = /name="text" value="([^"]*)"|<textarea[^>]*>([^<]*)</.exec(html) ?? [];
  return unescapeHtml(line ?? lines ?? '');
}

describe('The message form', () => {
  let server: TestServer;
  const texts = (): string[] => server.running.community.room.recent().map(message => message.text);
  const join = (options?: Parameters<typeof openTextBrowser>[1]): Promise<TextBrowser> =>
    openTextBrowser(server.url, options);

  before(async () => {
    server = await startTestServer({
      config: {
        chat: { ...withoutCaptcha, flood: { windowS: 60, messages: 3, lines: 6 }, maxLines: 6 },
        people: { tripcode: { classic: true } },
      },
    });
  });
  after(() => server.close());

  for (const cookies of [true, false]) {
    it(`posts a message and comes back empty, ${cookies ? 'with' : 'without'} cookies`, async () => {
      const ada = await join({ cookies });
      const said = `hello ${cookies}`;
      const answer = await ada.send('/chat/form', { text: said });
      assert.equal(answer.status, 303);
      const location = answer.headers.get('location') ?? '';
      assert.equal(location, `/chat/form${ada.query}`);
      assert.equal(ada.query !== '', !cookies);
      assert.equal(typedIn(await ada.get(location)), '');
      assert.equal(texts().at(-1), said);
    });

    it(`leaves the keyboard to the page it opens with, ${cookies ? 'with' : 'without'} cookies`, async () => {
      const ada = await join({ cookies });
      const { html } = await ada.get('/');
      const [, src = ''] = /name="form"[^>]* src="([^"]+)"/.exec(html) ?? [];
      const opened = await ada.get(unescapeHtml(src));
      assert.equal(opened.status, 200);
      assert.doesNotMatch(opened.html, /autofocus/);
      assert.equal(opened.html.includes(`action="/chat/form${ada.query}"`), true);
      assert.match((await ada.get(`/chat/form${ada.query}`)).html, /name="text"[^>]* autofocus/);
    });

    it(`keeps name, colour and tripcode, ${cookies ? 'with' : 'without'} cookies`, async () => {
      const ada = await join({ cookies });
      const name = `Ada ${cookies}`;
      await ada.become({ name, colour: '#00ff00', password: 'enchantress' });
      assert.ok((await ada.get('/chat/form')).html.includes(name));
      await ada.say(`it is me, ${cookies}`);
      const author = server.running.community.room.recent().at(-1)?.author;
      assert.equal(author?.name, name);
      assert.equal(author?.colour, '#00ff00');
      assert.match(author?.tripcode?.text ?? '', /^[\w-]{12}$/);
      const me = await ada.get('/chat/me');
      assert.ok(me.html.includes(author?.tripcode?.text ?? '?'));
      assert.equal((await ada.submit(me, { action: 'clear' })).status, 303);
      assert.ok(!(await ada.get('/chat/me')).html.includes('Clear tripcode'));
    });
  }

  it('gives two people with the same password the same tripcode', async () => {
    for (const name of ['one', 'two']) {
      const person = await join();
      await person.become({ name, password: 'shared' });
      await person.say(`tripcode of ${name}`);
    }
    const [one, two] = server.running.community.room.recent().slice(-2);
    assert.notEqual(one?.author.personId, two?.author.personId);
    assert.equal(one?.author.tripcode?.text, two?.author.tripcode?.text);
  });

  it('says in place why an identity is refused, and keeps what was typed but the password', async () => {
    const mallory = await join();
    for (const [identity, expected] of [
      [{ name: 'Br0adcaster' }, /looks too much like “broadcaster”/],
      [{ name: 'x'.repeat(25) }, /at most 24 characters/],
      [{ name: 'fine', colour: 'red' }, /not a colour/],
      [{ name: 'name#secret' }, /field of its own/],
      [{ name: 'fine', password: 'p'.repeat(200) }, /1 to 128 characters/],
    ] as const) {
      const answer = await mallory.send('/chat/me', { ...identity });
      assert.equal(answer.status, 422, identity.name);
      assert.match(noticeIn(answer.html), expected);
      assert.ok(answer.html.includes(`value="${identity.name}"`));
      if ('password' in identity) assert.ok(!answer.html.includes(identity.password));
    }
  });

  it('refuses a name that a filter matches, that comes of a muted person, or of one who changes it without end', async () => {
    const { commands } = server.running.community.moderation;
    const order = (line: string) => commands.runLine(line, { role: 'broadcaster', name: 'broadcaster' });
    await order('filters add word ban slurword');
    const mallory = await join();
    const refused = await mallory.send('/chat/me', { name: 'slurword 1' });
    assert.equal(refused.status, 422);
    assert.match(noticeIn(refused.html), /not welcome here/);
    assert.ok(refused.html.includes('value="slurword 1"'));
    for (const name of ['Mallory', 'Mel', 'Molly']) await mallory.become({ name });
    const fourth = await mallory.send('/chat/me', { name: 'Milly' });
    assert.match(noticeIn(fourth.html), /several times/);
    await mallory.become({ name: 'Molly', colour: '#00ff00' });
    await order('mute Molly 10m');
    assert.match(noticeIn((await mallory.send('/chat/me', { name: 'Muted' })).html), /muted in this chat/);
    await order('filters remove 1');
  });

  it('gives a refused message back, and says when to try again', async () => {
    const ada = await join();
    for (const n of [1, 2, 3]) await ada.say(`flood ${n}`);
    const flood = await ada.send('/chat/form', { text: 'one <too> "many" & more' });
    assert.equal(flood.status, 429);
    assert.match(noticeIn(flood.html), /a lot in a short time\. Write again in \d+ seconds\./);
    assert.ok(Number(flood.headers.get('retry-after')) > 30);
    assert.equal(typedIn(flood), 'one <too> "many" & more');

    const bea = await join();
    await bea.say('the same');
    const duplicate = await bea.send('/chat/form', { text: 'the  SAME' });
    assert.equal(duplicate.status, 429);
    assert.match(noticeIn(duplicate.html), /You just wrote the same\. Write again in \d+ seconds\./);
    assert.equal(typedIn(duplicate), 'the  SAME');
  });

  it('gives a message back that is too long, has too many lines or none', async () => {
    const ada = await join();
    const long = 'long '.repeat(500);
    for (const [typed, expected] of [
      [long, /2499 characters, at most 512/],
      ['1\n2\n3\n4\n5\n6\n7', /7 lines, at most 6/],
      [' \u200b ', /empty/],
      ['', /empty/],
    ] as const) {
      const answer = await ada.send('/chat/form', { text: typed });
      assert.equal(answer.status, 422);
      assert.match(noticeIn(answer.html), expected);
      assert.equal(typedIn(answer), typed);
    }
  });

  it('takes several lines once it was asked for a field that has them', async () => {
    const ada = await join();
    const wider = await ada.send('/chat/form', { text: 'first', action: 'lines' });
    assert.match(wider.html, /<textarea/);
    assert.equal(typedIn(wider), 'first');
    assert.equal((await ada.submit(wider, { text: 'first\r\nsecond' })).status, 303);
    assert.equal(texts().at(-1), 'first\nsecond');
  });

  it('replies to the message of the link, and to none when that is taken back', async () => {
    const ada = await join({ cookies: false });
    await ada.say('a question');
    const number = server.running.community.room.lastNumber;
    const live = await ada.get('/chat/plain');
    const link = unescapeHtml(
      new RegExp(`<p class="m [^>]*id="m${number}"><a class="time" href="([^"]+)"`).exec(live.html)?.[1] ??
        '',
    );
    const form = await ada.get(link);
    assert.match(form.html, new RegExp(`Reply to &gt;&gt;${number}`));
    assert.equal((await ada.submit(form, { text: 'an answer' })).status, 303);
    assert.equal(server.running.community.room.recent().at(-1)?.replyTo, number);
  });

  it('posts once what was sent twice', async () => {
    const ada = await join();
    const form = await ada.get('/chat/form');
    const answers = [await ada.submit(form, { text: 'once' }), await ada.submit(form, { text: 'once' })];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [303, 303],
    );
    assert.equal(texts().filter(each => each === 'once').length, 1);
  });

  it('takes no message without the mark of its own session, and gives the text back', async () => {
    const [ada, eve] = [await join(), await join()];
    const hers = await ada.get('/chat/form');
    for (const [page, fields] of [
      [hers, { csrf: '' }],
      [hers, { csrf: 'x'.repeat(24) }],
      [await eve.get('/chat/form'), {}],
    ] as const) {
      const answer = await ada.submit(page, { ...fields, text: 'forged "text"' });
      assert.equal(answer.status, 403);
      assert.match(noticeIn(answer.html), /send it again/);
      assert.equal(typedIn(answer), 'forged "text"');
      // The new form is one that works.
      assert.equal((await ada.submit(answer, { text: `mended ${Math.random()}` })).status, 303);
    }
    assert.ok(!texts().includes('forged "text"'));
  });

  it('sets no cookie for a form that a page from elsewhere has sent', async () => {
    const body = new URLSearchParams({ text: 'from elsewhere', csrf: 'unknown' });
    const answer = await fetch(`${server.url}chat/form`, { method: 'POST', body, redirect: 'manual' });
    assert.equal(answer.status, 403);
    assert.deepEqual(answer.headers.getSetCookie(), []);
    assert.match(await answer.text(), /action="\/chat\/form\?t=/);
    assert.ok(!texts().includes('from elsewhere'));
  });

  it('answers whatever is sent to it with a page in words', async () => {
    const ada = await join();
    const { html } = await ada.get('/chat/form');
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const form = 'application/x-www-form-urlencoded';
    const count = texts().length;
    const cases: readonly [string, string, string | Uint8Array<ArrayBuffer>, number][] = [
      ['arrays', form, `csrf=${csrf}&text=a&text=b`, 422],
      ['an array for the mark', form, `csrf=${csrf}&csrf=${csrf}&text=a`, 403],
      ['brackets', form, `csrf=${csrf}&text[]=a&text[__proto__][x]=1`, 422],
      ['a prototype', form, `csrf=${csrf}&__proto__=1&constructor=2&text=`, 422],
      ['no fields', form, '', 403],
      ['bytes', form, Uint8Array.from({ length: 2000 }, (_, i) => (i * 7) & 255), 403],
      ['broken escapes', form, `csrf=${csrf}&text=%ff%fe%zz%c0%af&nonce=%00`, 422],
      ['a nonce of its own', form, `csrf=${csrf}&text=a&nonce=${'n'.repeat(5000)}`, 422],
      ['a strange reply', form, `csrf=${csrf}&text=&replyTo=-1e999`, 422],
      ['too many fields', form, 'a=1&'.repeat(1000), 413],
      ['64 KiB', form, `csrf=${csrf}&text=${'x'.repeat(65_000)}`, 422],
      ['more than 64 KiB', form, `csrf=${csrf}&text=${'x'.repeat(66_000)}`, 413],
      ['10 MB', form, `csrf=${csrf}&text=${'x'.repeat(1e7)}`, 413],
      ['JSON', 'application/json', JSON.stringify({ csrf, text: 'a' }), 403],
      ['multipart', 'multipart/form-data; boundary=x', `--x\r\n\r\n\r\n--x--`, 403],
      ['another character set', `${form}; charset=utf-16`, `csrf=${csrf}&text=a`, 415],
      ['no type', '', `csrf=${csrf}&text=a`, 403],
    ];
    for (const path of ['chat/form', 'chat/me', 'enter']) {
      for (const [what, type, body, status] of cases) {
        const headers = { ...ada.headers, 'content-type': type };
        const answer = await fetch(server.url + path, { method: 'POST', headers, body, redirect: 'manual' });
        const page = await answer.text();
        if (path === 'chat/form') assert.equal(answer.status, status, `${what}: ${noticeIn(page)}`);
        assert.ok(answer.status < 500 && answer.status !== 404, `${path}, ${what}: ${answer.status}`);
        if (answer.status >= 400) assert.match(page, /^<!doctype html>/, what);
      }
    }
    assert.equal(texts().length, count);
    assert.deepEqual(
      server.logged.filter(line => line.includes(' error ')),
      [],
    );
  });
});

describe('The message form, with a captcha before the first message', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ config: { chat: { captcha: { everyMessages: 2 } } } });
    makeSolvable(server.running.community);
  });
  after(() => server.close());

  const texts = (): string[] => server.running.community.room.recent().map(message => message.text);

  for (const cookies of [true, false]) {
    it(`asks for it, never loses the text, and then lets it through, ${cookies ? 'with' : 'without'} cookies`, async () => {
      const ada = await openTextBrowser(server.url, { cookies });
      const text = `solved <${cookies}>`;
      const asked = await ada.send('/chat/form', { text });
      assert.equal(asked.status, 422);
      assert.match(noticeIn(asked.html), /Solve the captcha/);
      assert.equal(typedIn(asked), text);

      const another = await ada.submit(asked, { text, action: 'another' });
      assert.equal(another.status, 200);
      assert.equal(typedIn(another), text);
      const wrong = await ada.submit(another, { text, captchaAnswer: 'nonsense' });
      assert.equal(wrong.status, 422);
      assert.match(noticeIn(wrong.html), /not what the picture shows/);
      assert.equal(typedIn(wrong), text);
      // The answer comes too late: that one was used up.
      const late = await ada.submit(another, { text, captchaAnswer: rightAnswer });
      assert.match(noticeIn(late.html), /expired/);
      assert.equal(typedIn(late), text);

      const ids = [asked, another, wrong, late].map(({ html }) => captchaIn(html));
      assert.equal(new Set(ids).size, 4);
      for (const id of ids) assert.match(id ?? '', /^[\w-]{16,}$/);
      assert.ok(!texts().includes(text));
      const picture = await fetch(`${server.url}captcha/${captchaIn(late.html)}.png`);
      assert.equal(picture.headers.get('content-type'), 'image/png');
      assert.equal(Buffer.from(await picture.arrayBuffer()).toString('latin1', 1, 4), 'PNG');

      const solved = await ada.submit(late, { text, captchaAnswer: rightAnswer });
      assert.equal(solved.status, 303);
      assert.equal(texts().filter(each => each === text).length, 1);
      // A retry of the same: it is there already, whatever became of its captcha.
      assert.equal((await ada.submit(late, { text, captchaAnswer: rightAnswer })).status, 303);
      assert.equal(texts().filter(each => each === text).length, 1);

      await ada.say(`the second ${cookies}`);
      const again = await ada.send('/chat/form', { text: 'the third' });
      assert.match(noticeIn(again.html), /Solve the captcha/);
    });
  }
});
