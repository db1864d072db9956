import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { sign } from 'cookie-signature';
import type { NextFunction, Request, Response } from 'express';
import { Failure } from '../lib/failure.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import { circuitOf } from '../tor/circuit-listener.ts';

declare module 'express-session' {
  interface SessionData {
    /** Set by the watch page, so that a visitor who came by it is one person in all their requests. */
    visitor: true;
  }
}

/** The person behind a request, and what their pages carry so that they stay the same one. */
export type Visitor = {
  person: Person;
  /** Appended to addresses: `?t=…` for a browser that has not shown a cookie yet, else empty. */
  query: string;
  /** Goes into every form of theirs and comes back with it. */
  csrf: string;
  circuit: string | undefined;
};

export const cookieName = 'visitor';

// What express-session puts before a signed id.
const signedMark = 's:';
const tokenPattern = /^[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9+/]{20,64}$/;

/** A signed session id in the address (`t`) stands in for the cookie where there is none. */
export function tokenFromUrl(request: Request, _response: Response, next: NextFunction): void {
  const token = request.query.t;
  const hasCookie = request.headers.cookie?.includes(`${cookieName}=`) ?? false;
  if (!hasCookie && typeof token === 'string' && tokenPattern.test(token)) {
    request.headers.cookie = `${cookieName}=${encodeURIComponent(signedMark + token)}`;
    request.cameByUrl = true;
  }
  next();
}

declare module 'express-serve-static-core' {
  interface Request {
    /** The session came by the address, not by a cookie. */
    cameByUrl?: boolean;
  }
}

type VisitorDeps = { people: People; sessionSecret: string; csrfKey: Buffer };

export class Visitors {
  readonly #deps: VisitorDeps;

  constructor(deps: VisitorDeps) {
    this.#deps = deps;
  }

  /** Who makes this request, if they came by the watch page. */
  of(request: Request): Visitor | undefined {
    if (!request.session.visitor) return undefined;
    const { people, sessionSecret } = this.#deps;
    const shownCookie = request.headers.cookie?.includes(`${cookieName}=`) && !request.cameByUrl;
    const circuit = circuitOf(request.socket);
    return {
      person: people.arrive(request.sessionID),
      query: shownCookie ? '' : `?t=${encodeURIComponent(sign(request.sessionID, sessionSecret))}`,
      csrf: this.#csrfOf(request.sessionID),
      circuit: circuit === undefined ? undefined : String(circuit),
    };
  }

  /** The same, beginning a session where there is none. */
  welcome(request: Request): Visitor {
    request.session.visitor = true;
    const visitor = this.of(request);
    if (!visitor) throw new Failure('session-lost', 'The session could not be begun.');
    return visitor;
  }

  /** For forms: throws Failure `session-missing` or `csrf-wrong`, both with what to do. */
  demand(request: Request, csrf: unknown): Visitor {
    const visitor = this.of(request);
    if (!visitor) {
      throw new Failure('session-missing', 'Your session has ended. Reload the whole page and try again.');
    }
    const given = Buffer.from(typeof csrf === 'string' ? csrf : '');
    const expected = Buffer.from(visitor.csrf);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new Failure('csrf-wrong', 'This form does not belong to your session. Reload the whole page.');
    }
    return visitor;
  }

  #csrfOf(sessionId: string): string {
    return createHmac('sha256', this.#deps.csrfKey).update(sessionId).digest('base64url').slice(0, 24);
  }
}

/** A nonce for a form or a message: a retry with the same one does nothing twice. */
export function newNonce(): string {
  return randomBytes(12).toString('base64url');
}
