/** Writes messages, hides some and switches modes as fast as it can, telling what is done a line each. */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { setImmediate as nextTick } from 'node:timers/promises';
import { openStore } from '../../app/store/store.ts';
import { createChat, somePerson } from '../kit/chat.ts';

const path = process.argv[2] ?? '';
const { submit, room, modes } = createChat({ store: openStore({ kind: 'sqlite', path }) });
const moderator = somePerson({ role: 'moderator' });

for (let round = 0; ; round++) {
  const nonce = randomUUID();
  const result = await submit({ text: `text of ${nonce}`, nonce }, { ...moderator, id: somePerson().id });
  if (!result.ok || result.held) throw new Error(JSON.stringify(result));
  const { number } = result.message;
  const hidden = round % 5 === 4 ? room.hide([number - 3]) : [];
  if (round % 7 === 6) modes.set({ closed: !modes.state.closed });
  writeSync(1, `${JSON.stringify({ number, nonce, hidden, closed: modes.state.closed })}\n`);
  if (round % 50 === 49) await nextTick();
}
