/** The list of people as everybody is told of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captchaIn, makeSolvable, rightAnswer } from '../kit/captcha.ts';
import { readFrame } from '../kit/frame-reader.ts';
import { startTestServer } from '../kit/server.ts';
import { openTextBrowser } from '../kit/text-browser.ts';
import { until } from '../kit/until.ts';

test('who has not solved the captcha yet is listed without the name they chose, and with it afterwards', async () => {
  await using server = await startTestServer();
  const { community } = server.running;
  makeSolvable(community);
  const reader = await openTextBrowser(server.url);
  const listed = async () => (await reader.get('/chat/plain')).html;
  const inFrame = () => frame.html().split('class="people"').at(-1) ?? '';
  await using frame = await readFrame(`${server.url}chat/live`, reader.headers);
  const eve = await openTextBrowser(server.url);
  await eve.become({ name: 'Read this' });
  const { tag } = community.people.list().chatting.find(({ name }) => name !== undefined) ?? assert.fail();
  await until('both', async () => (await listed()).includes('In chat (2)') && inFrame().includes(tag));
  assert.doesNotMatch(await listed(), /Read this/);
  assert.doesNotMatch(frame.html(), /Read this/);
  assert.match((await eve.get('/chat/form')).html, /Read this/, 'their own page tells them');

  const asked = await eve.send('/chat/form', { text: 'hello' });
  assert.ok(captchaIn(asked.html));
  assert.equal((await eve.submit(asked, { text: 'hello', captchaAnswer: rightAnswer })).status, 303);
  await until('her name', async () => (await listed()).includes('>Read this<'));
  await until('her name in the frame', () => inFrame().includes('>Read this<'));
});

test('the names of all are listed as soon as a moderator asks for no captcha any more', async () => {
  await using server = await startTestServer();
  const { moderation } = server.running.community;
  const eve = await openTextBrowser(server.url);
  await eve.become({ name: 'Quiet Eve' });
  const listed = async () => (await eve.get('/chat/plain')).html;
  await until('the list', async () => (await listed()).includes('In chat (1)'));
  assert.doesNotMatch(await listed(), /Quiet Eve/);
  await moderation.commands.runLine('captcha off', { role: 'broadcaster', name: 'broadcaster' });
  await until('her name', async () => (await listed()).includes('>Quiet Eve<'));
});
