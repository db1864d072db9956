import { setTimeout as delay } from 'node:timers/promises';
import { sentenceOf } from '../lib/failure.ts';
import type { Log } from '../lib/log.ts';
import type { Ban } from '../people/bans.ts';
import type { Onion } from '../tor/onion.ts';
import type { Community } from './community.ts';

// So that they are told why.
const lastWordsMs = 1000;

/** With a tor of our own: whoever is banned loses the circuits they came by. Returns what ends it. */
export function closeCircuitsOfBanned(
  { bans, people, moderation: { circuits } }: Pick<Community, 'bans' | 'people' | 'moderation'>,
  { onion, log }: { onion: Pick<Onion, 'closeCircuit' | 'publication'>; log: Log },
): () => void {
  const closing = new AbortController();

  const close = async (numbers: readonly string[]): Promise<void> => {
    await delay(lastWordsMs, undefined, { signal: closing.signal });
    const closed = await Promise.all(numbers.map(number => onion.closeCircuit(Number(number))));
    if (closed.includes(true)) bans.circuitClosed();
  };

  /** A tripcode can be many people's. */
  const bannedBy = ({ personId, tripcode }: Ban): string[] => {
    const sharing = tripcode === null ? [] : Object.values(people.list()).flat().filter(bans.isBanned, bans);
    const others = sharing.filter(person => person.tripcode?.text === tripcode).map(({ id }) => id);
    return personId === null ? others : [personId, ...others];
  };

  const stops = [
    bans.changes.subscribe(({ type, ban }) => {
      if (type !== 'banned' || ban.kind !== 'ban') return;
      const numbers = new Set(bannedBy(ban).flatMap(id => circuits.of(id)));
      if (numbers.size === 0) return;
      close([...numbers]).catch(error => {
        if (!closing.signal.aborted) log.warn(`A circuit could not be closed: ${sentenceOf(error)}`);
      });
    }),
    onion.publication.subscribe(isPublished => {
      if (isPublished) return;
      circuits.clear();
      bans.forgetCircuits();
    }),
  ];
  return () => {
    closing.abort();
    for (const stop of stops) stop();
  };
}
