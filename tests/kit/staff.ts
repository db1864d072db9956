/** Log-ins that take no page: whoever has visited becomes broadcaster or moderator, as by the desk. */
import type { Page } from 'puppeteer-core';
import type { TestServer } from './server.ts';

export const moderatorPassword = 'a password for a test';

/** The session's id in a cookie as the server sets it. */
function sessionIdIn(cookie: string): string {
  const value = /(?:^|; )visitor=([^;]+)/.exec(cookie)?.[1];
  if (value === undefined) throw new Error('nobody has a session');
  return decodeURIComponent(value)
    .replace(/^s:/, '')
    .replace(/\.[^.]*$/, '');
}

/** Logs the visitor with this cookie in as the broadcaster, or as the moderator of this name, made if need be. */
export async function logIn(server: TestServer, cookie: string, moderator?: string): Promise<void> {
  const { community, broadcaster } = server.running;
  const { accounts } = community.moderation;
  const sessionId = sessionIdIn(cookie);
  const session = { sessionId, personId: community.people.arrive(sessionId).id };
  if (moderator === undefined) {
    await accounts.login(session, { username: 'broadcaster', password: broadcaster.password ?? '' });
    return;
  }
  const isThere = accounts.moderators().some(({ name }) => name === moderator);
  if (!isThere)
    await accounts.addModerator({ name: moderator, password: moderatorPassword, by: 'broadcaster' });
  await accounts.login(session, { username: moderator, password: moderatorPassword });
}

/** Whose session the cookie is. */
export function personIdOf(server: TestServer, cookie: string): string {
  const { community } = server.running;
  const sessionId = sessionIdIn(cookie);
  return community.people.arrive(sessionId, community.moderation.accounts.staffOf(sessionId)?.role).id;
}

export function logOut(server: TestServer, cookie: string): void {
  server.running.community.moderation.accounts.logout(sessionIdIn(cookie));
}

/** What a page's requests carry. */
export async function cookieOf(page: Page): Promise<string> {
  const cookies = await page.browserContext().cookies();
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
}
