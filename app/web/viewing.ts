import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Audience } from '../people/audience.ts';
import type { OpenLines } from './open-lines.ts';
import type { Visitors } from './visitor.ts';

export type ViewingDeps = { audience: Audience; lines: OpenLines; visitors: Visitors };

/** Counts who watches, whatever they watch; the returned function takes them out again. */
export function enterAudience(deps: ViewingDeps, request: Request, response: Response): () => void {
  const { audience, lines, visitors } = deps;
  // A player without a session, such as mpv, is a viewer nobody knows.
  const id = visitors.of(request)?.person.id;
  const leaveAudience = audience.enter(id ?? randomUUID());
  const leavePerson = id === undefined ? undefined : lines.open(id, 'view', () => response.destroy());
  return () => {
    leaveAudience();
    leavePerson?.();
  };
}

/** Without Transfer-Encoding the body lasts until the connection closes, and a part is one write. */
export function beginEndless(response: Response): void {
  response.removeHeader('Transfer-Encoding');
  response.flushHeaders();
  response.req.socket.setNoDelay(true);
}
