import { randomUUID } from 'node:crypto';
import type { Request } from 'express';

declare module 'express-session' {
  interface SessionData {
    /** Set by the watch page, so that a visitor who came by it is one person in all his requests. */
    visitor: true;
  }
}

/** Who makes this request: the session if it is a visitor's, else somebody new each time. */
export function personOf(request: Request): string {
  return request.session.visitor ? request.sessionID : randomUUID();
}
