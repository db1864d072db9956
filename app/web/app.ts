/**
 * HTTP: the only folder that knows Express, cookies, templates and WebSocket frames. Translates requests into calls
 * of the domain and its answers into responses; decides nothing itself.
 */
import compression from 'compression';
import express, { type Express, type RequestHandler, type Router } from 'express';
import session from 'express-session';
import type { Log } from '../lib/log.ts';
import { newSessionToken } from '../people/identity.ts';
import type { Assets } from './assets.ts';
import type { WebConfig } from './config.ts';
import { errorPages, notFound } from './errors.ts';
import { checkHost, securityHeaders } from './security.ts';
import { BoundedSessionStore } from './session-store.ts';
import type { Templates } from './templates.ts';
import { cookieName, tokenFromUrl } from './visitor.ts';

type AppDeps = {
  config: WebConfig;
  templates: Templates;
  assets: Assets;
  log: Log;
  sessionSecret: string;
  /** Who may come in, and the way in for those who may not yet. */
  gate: { guard: RequestHandler; routes: Router };
  /** Routes that stream: before compression, which would hold their bytes back. */
  endless: readonly Router[];
  pages: readonly Router[];
};

export function createApp({
  config,
  templates,
  assets,
  log,
  sessionSecret,
  gate,
  endless,
  pages,
}: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(securityHeaders, checkHost(config.hosts), assets.routes(), tokenFromUrl(sessionSecret));
  // No lifetime: an Expires date would tell our clock, and Tor Browser forgets cookies with its window.
  const cookie: session.CookieOptions = { path: '/', httpOnly: true, sameSite: 'lax', secure: false };
  const store = new BoundedSessionStore({ maxSessions: 20_000, cookie });
  app.use(
    session({
      name: cookieName,
      genid: () => newSessionToken(),
      secret: sessionSecret,
      store,
      cookie,
      resave: false,
      saveUninitialized: false,
    }),
  );
  app.use(gate.guard, ...endless, compression(), gate.routes, ...pages);
  app.use(notFound, errorPages({ templates, assets, log, siteName: config.siteName }));
  return app;
}
