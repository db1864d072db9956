import type { Message } from '../../chat/message.ts';
import type { Room } from '../../chat/room.ts';

const maxHidden = 200;

/** `shown` as staff sees them: with the hidden ones at their places. Not more of them, or the newest 200. */
export function withHidden(room: Pick<Room, 'hidden'>, shown: readonly Message[]): readonly Message[] {
  return [...shown, ...room.hidden(maxHidden)]
    .sort((a, b) => a.number - b.number)
    .slice(-Math.max(shown.length, maxHidden));
}

/** Of messages that are no longer shown: those that staff still sees, and the numbers of those that are gone. */
export function veiledOf(
  room: Pick<Room, 'find'>,
  numbers: readonly number[],
): { veiled: readonly Message[]; gone: readonly number[] } {
  const found = numbers.map(number => ({ number, message: room.find(number) }));
  return {
    veiled: found.flatMap(({ message }) => message ?? []),
    gone: found.filter(({ message }) => !message).map(({ number }) => number),
  };
}
