import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { sign, unsign } from 'cookie-signature';
import type { Request, RequestHandler } from 'express';
import type { Accounts } from '../moderation/accounts.ts';
import type { Circuits } from '../moderation/circuits.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import { circuitOf } from '../tor/circuit-listener.ts';

declare module 'express-session' {
  interface SessionData {
    /** They came by a page that begins a session, so that they are one person in all their requests. */
    visitor: true;
  }
}

/** The person behind a request, and what their pages carry so that they stay the same one. */
export type Visitor = {
  person: Person;
  /** Appended to addresses: `?t=…` for a browser that has not shown a cookie yet, else empty. */
  query: string;
  /** `?t=…` with a cookie too: for another program that is to watch as this person. */
  pass: string;
  /** Goes into every form of theirs and comes back with it. */
  csrf: string;
  circuit: string | undefined;
};

export const cookieName = 'visitor';

// What express-session puts before a signed id.
const signedMark = 's:';
const tokenPattern = /^[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9+/]{20,64}$/;

// A pass is signed with another key than a session: who is given one, with an address to watch at, may do nothing else.
const passKey = (sessionSecret: string): string => `${sessionSecret} to watch`;
const watchedPath =
  /^\/(stream\.mp4|slideshow|slide\.jpg|qualities\.m3u8|([\w-]+\/)?(stream\.m3u8|hls\/[\w.-]+))$/;

/** A signed session id in the address (`t`) stands in for the cookie where there is none; a pass, for the stream alone. */
export function tokenFromUrl(sessionSecret: string): RequestHandler {
  return (request, _response, next) => {
    const { t } = request.query;
    const hasCookie = request.headers.cookie?.includes(`${cookieName}=`) ?? false;
    if (!hasCookie && typeof t === 'string' && tokenPattern.test(t)) {
      const passed = unsign(t, passKey(sessionSecret));
      const token = passed === false ? t : watchedPath.test(request.path) && sign(passed, sessionSecret);
      if (token !== false) {
        request.headers.cookie = `${cookieName}=${encodeURIComponent(signedMark + token)}`;
        request.cameByUrl = true;
        request.cameByPass = passed !== false;
      }
    }
    next();
  };
}

declare module 'express-serve-static-core' {
  interface Request {
    /** The session came by the address, not by a cookie. */
    cameByUrl?: boolean;
    /** It came by a pass. */
    cameByPass?: boolean;
  }
}

type VisitorDeps = {
  people: People;
  /** Who has logged in with which session. */
  accounts: Pick<Accounts, 'staffOf'>;
  /** By which circuits people come, also those who only watch. */
  circuits: Pick<Circuits, 'note'>;
  sessionSecret: string;
  csrfKey: Buffer;
};

export class Visitors {
  readonly #deps: VisitorDeps;

  constructor(deps: VisitorDeps) {
    this.#deps = deps;
  }

  /** Who makes this request, if they have a session. */
  of(request: Request): Visitor | undefined {
    return request.session.visitor ? this.#visitor(request, true) : undefined;
  }

  /** The same, beginning a session where there is none. */
  welcome(request: Request): Visitor {
    const isKnown = request.session.visitor === true;
    request.session.visitor = true;
    return this.#visitor(request, isKnown);
  }

  /**
   * Who sent a form. One without a session gets one that only the addresses of the answer carry: a form on a page
   * from elsewhere, which comes without cookies, must not replace the cookie of whoever opened that page.
   */
  sender(request: Request): Visitor {
    return this.#visitor(request, request.session.visitor === true);
  }

  /**
   * Another session in place of the one that the address brought, which others may have, too. Like that one it is in the
   * addresses of the answer alone: the form may come from a page elsewhere, in a browser that has a cookie.
   */
  async renew(request: Request): Promise<Visitor> {
    const renewed = Promise.withResolvers<void>();
    request.session.regenerate(error => (error ? renewed.reject(error) : renewed.resolve()));
    await renewed.promise;
    request.session.visitor = true;
    // No cookie that is secure goes out: neither an onion service nor loopback is reached by TLS here.
    request.session.cookie.secure = true;
    return this.#visitor(request, false);
  }

  /** Whether a form that came with this `csrf` is one that we gave to this visitor. */
  gave(visitor: Visitor, csrf: string): boolean {
    const given = Buffer.from(csrf);
    const expected = Buffer.from(visitor.csrf);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #visitor(request: Request, isKnown: boolean): Visitor {
    const { people, accounts, circuits, sessionSecret } = this.#deps;
    const number = circuitOf(request.socket);
    const circuit = number === undefined ? undefined : String(number);
    const token = (key: string): string => `?t=${encodeURIComponent(sign(request.sessionID, key))}`;
    const pass = token(passKey(sessionSecret));
    const person = people.arrive(request.sessionID, accounts.staffOf(request.sessionID)?.role);
    circuits.note(person.id, circuit);
    return {
      person,
      query: isKnown && !request.cameByUrl ? '' : request.cameByPass ? pass : token(sessionSecret),
      pass,
      csrf: this.#csrfOf(request.sessionID),
      circuit,
    };
  }

  #csrfOf(sessionId: string): string {
    return createHmac('sha256', this.#deps.csrfKey).update(sessionId).digest('base64url').slice(0, 24);
  }
}

/** A nonce for a form or a message: a retry with the same one does nothing twice. */
export function newNonce(): string {
  return randomBytes(12).toString('base64url');
}
