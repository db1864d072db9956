/** A chat on a store in memory, with a clock that stands still until it is moved. */
import { CaptchaPolicy } from '../../app/chat/captcha-policy.ts';
import { type ChatConfig, chatConfig } from '../../app/chat/config.ts';
import { Flood } from '../../app/chat/flood.ts';
import { Held } from '../../app/chat/held.ts';
import type { Said } from '../../app/chat/message.ts';
import { authorOf } from '../../app/chat/message.ts';
import { Modes } from '../../app/chat/modes.ts';
import { Room } from '../../app/chat/room.ts';
import { createSubmit } from '../../app/chat/submit.ts';
import { silentLog } from '../../app/lib/log.ts';
import { Bans } from '../../app/people/bans.ts';
import { peopleConfig } from '../../app/people/config.ts';
import type { Person } from '../../app/people/person.ts';
import { openStore, type Store } from '../../app/store/store.ts';

export const startMs = Date.UTC(2030, 0, 1);

/** `config` as in config.json. */
export function createChat(
  options: { config?: unknown; store?: Store; random?: () => number; epoch?: string } = {},
) {
  const config: ChatConfig = chatConfig.parse(options.config ?? {});
  const store = options.store ?? openStore({ kind: 'memory' });
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const wrote: string[] = [];
  const people = {
    wrote: (id: string) => {
      wrote.push(id);
      return somePerson({ id });
    },
  };
  const room = new Room({ store: store.messages, now, epoch: options.epoch ?? 'test' }, config);
  const held = new Held({ store: store.held, room, now }, config);
  const modes = new Modes({ store: store.settings, now, log: silentLog }, config);
  const flood = new Flood({ now }, config.flood);
  const captchas = new CaptchaPolicy({ now, random: options.random ?? (() => 0.5) }, config);
  const bans = new Bans({ store: store.bans, now }, peopleConfig.parse({}).bans);
  const deps = { room, held, modes, flood, captchas, people, bans, now, log: silentLog };
  const submit = createSubmit({ ...deps, access: 'open' }, config);
  return { ...deps, submit, config, store, clock, wrote };
}

/** Someone who was here for a day and solved a captcha an hour ago. */
export function somePerson(facts: Partial<Person> = {}): Person {
  return {
    id: '00112233445566aa',
    tag: '#k3f9',
    name: 'Ada',
    colour: '#ffcc00',
    ownColour: false,
    tripcode: undefined,
    role: 'viewer',
    memberSinceMs: undefined,
    hasMembersTripcode: false,
    captchaPassedAtMs: startMs - 3_600_000,
    wroteAtMs: undefined,
    createdAtMs: startMs - 86_400_000,
    seenAtMs: startMs,
    ...facts,
  };
}

export function said(text: string, person: Person = somePerson()): Said {
  return { author: authorOf(person), text, replyTo: undefined, nonce: undefined };
}
