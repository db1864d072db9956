import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Audience } from '../people/audience.ts';
import type { Returning } from '../people/returning.ts';
import { circuitOf } from '../tor/circuit-listener.ts';
import type { OpenLines } from './open-lines.ts';
import type { Visitors } from './visitor.ts';

export type ViewingDeps = { audience: Audience; lines: OpenLines; visitors: Visitors };

/** Counts who watches, whatever they watch; the returned function takes them out again. */
export function enterAudience(deps: ViewingDeps, request: Request, response: Response): () => void {
  // A player without a session, such as mpv, is a viewer nobody knows.
  return enter(deps, deps.visitors.of(request)?.person.id, randomUUID(), () => response.destroy());
}

/** The same for who asks for one piece after the other: a viewer until no question has come for a while. */
export function returnToAudience(deps: ViewingDeps & { returning: Returning }, request: Request): void {
  const { visitors, returning } = deps;
  const id = visitors.of(request)?.person.id;
  const { socket } = request;
  // Nobody knows which questions are one player's: all of a circuit's are, or of an address where there is no tor.
  const key = id ?? `from ${circuitOf(socket) ?? socket.remoteAddress ?? ''}`;
  returning.came(key, () => enter(deps, id, key, () => returning.leave(key)));
}

function enter(
  { audience, lines }: ViewingDeps,
  id: string | undefined,
  unknown: string,
  cut: () => void,
): () => void {
  const leaveAudience = audience.enter(id ?? unknown);
  const leavePerson = id === undefined ? undefined : lines.open(id, 'view', cut);
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
