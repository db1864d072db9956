/**
 * What waits on each circuit: the only sign of a viewer whose circuit carries less than we write, since tor and the
 * kernel take seconds of it before a socket of ours is full. Reads tor's events; knows no HTTP.
 */
import type { Socket } from 'node:net';
import { Circuit, type Told } from './circuit.ts';

/**
 * The event that tor's controller gets about once a second for each circuit in use (control-spec, CIRC_BW): bytes of
 * our streams that were sent on, without what the protocol adds, and with congestion control round trips in ms.
 * Undefined for other events.
 */
export function toldOf(event: string): (Told & { circuit: number }) | undefined {
  if (!event.startsWith('CIRC_BW ')) return undefined;
  const words = new Map(
    event.split(' ').map((word): [string, number] => {
      const [name = '', value] = word.split('=', 2);
      return [name, Number(value)];
    }),
  );
  const [circuit, sentBytes] = [words.get('ID'), words.get('DELIVERED_WRITTEN')];
  if (!circuit || sentBytes === undefined || Number.isNaN(circuit + sentBytes)) return undefined;
  return {
    circuit,
    sentBytes,
    readBytes: words.get('READ') || 0,
    rttMs: words.get('RTT') || 0,
    minRttMs: words.get('MIN_RTT') || 0,
  };
}

export class CircuitTraffic {
  readonly #circuits = new Map<number, Circuit>();
  readonly #now: () => number;

  constructor({ now }: { now: () => number }) {
    this.#now = now;
  }

  /** A connection that came over the circuit: counted until it closes. */
  enter(socket: Socket, id: number): void {
    const circuit = this.#circuits.get(id) ?? new Circuit(this.#now);
    this.#circuits.set(id, circuit);
    circuit.enter(socket);
    socket.once('close', () => {
      circuit.leave(socket);
      if (circuit.isEmpty) this.#circuits.delete(id);
    });
  }

  /** To be called with each event of tor's controller. */
  tell(event: string): void {
    const told = toldOf(event);
    if (told) this.#circuits.get(told.circuit)?.tell(told);
  }

  /** Undefined for a connection that came another way. */
  of(id: number | undefined): Circuit | undefined {
    return id === undefined ? undefined : this.#circuits.get(id);
  }
}
