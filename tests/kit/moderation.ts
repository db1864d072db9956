/** Moderation over a real chat and real people on one store, with a clock that stands still until it is moved. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptchaPolicy } from '../../app/chat/captcha-policy.ts';
import { chatConfig } from '../../app/chat/config.ts';
import { Flood } from '../../app/chat/flood.ts';
import { Held } from '../../app/chat/held.ts';
import { Modes } from '../../app/chat/modes.ts';
import { Room } from '../../app/chat/room.ts';
import type { Speak, SpeakResult } from '../../app/chat/speak.ts';
import { createSubmit } from '../../app/chat/submit.ts';
import { silentLog } from '../../app/lib/log.ts';
import { BroadcasterFile } from '../../app/moderation/broadcaster-file.ts';
import { moderationConfig } from '../../app/moderation/config.ts';
import { createFiltering, createModeration } from '../../app/moderation/moderation.ts';
import { Passwords } from '../../app/moderation/password.ts';
import type { Actor } from '../../app/moderation/staff.ts';
import type { StreamDesk } from '../../app/moderation/surroundings.ts';
import { Bans } from '../../app/people/bans.ts';
import { peopleConfig } from '../../app/people/config.ts';
import { Invitations } from '../../app/people/invitations.ts';
import { People } from '../../app/people/people.ts';
import type { Person } from '../../app/people/person.ts';
import { Tripcodes } from '../../app/people/tripcode.ts';
import { openStore, type Store } from '../../app/store/store.ts';
import { clock } from './people.ts';

export const broadcaster: Actor = { role: 'broadcaster', name: 'broadcaster' };
export const moderator: Actor = { role: 'moderator', name: 'Eve' };

/** A stream that only remembers what was done to it. */
export function streamForTest(): StreamDesk & { ended: number } {
  const stream = {
    title: 'First title',
    ended: 0,
    setTitle(text: string): string {
      stream.title = text.trim();
      return stream.title;
    },
    async end(): Promise<boolean> {
      stream.ended += 1;
      return true;
    },
    status: () => ({
      state: 'live' as const,
      uptimeMs: 61_000,
      viewers: 3,
      bitrateKbps: 450,
      partsPerSecond: 5,
      latencyMs: 230,
    }),
  };
  return stream;
}

export type ModerationOptions = {
  store?: Store;
  /** Keeps broadcaster.json; without one there is a folder of its own that goes away at the end. */
  dataDir?: string;
  /** As in config.json. */
  chat?: object;
  people?: object;
  moderation?: object;
  time?: ReturnType<typeof clock>;
};

/** Nobody needs a captcha unless `chat` says so. */
export async function moderationForTest(options: ModerationOptions = {}) {
  const time = options.time ?? clock();
  const { now } = time;
  const store = options.store ?? openStore({ kind: 'memory' });
  const home = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'moderation-')));
  const chat = chatConfig.parse({ captcha: { beforeFirstMessage: false }, ...options.chat });
  const settings = peopleConfig.parse(options.people ?? {});
  const config = { ...settings, ...moderationConfig.parse(options.moderation ?? {}) };
  const tripcodes = new Tripcodes({ key: Buffer.alloc(32, 2) }, { classic: true });
  const people = new People({ key: Buffer.alloc(32, 1), store: store.persons, tripcodes, now }, settings);
  const bans = new Bans({ store: store.bans, now }, settings.bans);
  const invitations = new Invitations({ store: store.invitations, now }, settings);
  const room = new Room({ store: store.messages, now, epoch: 'test' }, chat);
  const held = new Held({ store: store.held, room, now }, chat);
  const modes = new Modes({ store: store.settings, now, log: silentLog }, chat);
  const filtering = createFiltering({ stores: store, bans, now, log: silentLog }, config);
  const submit = createSubmit(
    {
      room,
      held,
      modes,
      flood: new Flood({ now }, chat.flood),
      captchas: new CaptchaPolicy({ now, random: () => 0.5 }, chat),
      people,
      bans,
      access: settings.access,
      filter: filtering.judge,
      now,
      log: silentLog,
    },
    chat,
  );
  const chatSpeak: Speak = ({ person, draft, circuit }) =>
    submit(draft, people.find(person.id) ?? person, { circuit });
  const passwords = new Passwords();
  const { file, generated } = await BroadcasterFile.open(home, {
    configured: undefined,
    passwords,
    now,
    log: silentLog,
  });
  const stream = streamForTest();
  const moderation = createModeration(
    {
      stores: store,
      people,
      bans,
      invitations,
      room,
      held,
      modes,
      speak: chatSpeak,
      ...filtering,
      passwords,
      broadcaster: file,
      stream,
      reload: async () => ({ applied: ['chat.maxLines'], needRestart: ['web.port'] }),
      now,
    },
    config,
    chat,
  );
  const arrive = (token: string, name?: string): Person => {
    const { id } = people.arrive(token);
    return name === undefined ? people.arrive(token) : people.rename(id, name);
  };
  const say = (person: Person, text: string, more: { nonce?: string; circuit?: string } = {}) =>
    moderation.speak({
      person,
      draft: { text, nonce: more.nonce },
      captcha: undefined,
      circuit: more.circuit,
    }) satisfies Promise<SpeakResult>;
  return {
    ...moderation,
    time,
    store,
    home,
    people,
    bans,
    invitations,
    room,
    held,
    modes,
    stream,
    passwords,
    broadcasterFile: file,
    password: generated ?? '',
    arrive,
    say,
    /** As the broadcaster, in the terminal. */
    run: (line: string, actor: Actor = broadcaster) => moderation.commands.runLine(line, actor),
    async [Symbol.asyncDispose](): Promise<void> {
      store.close();
      if (options.dataDir === undefined) await rm(home, { recursive: true });
    },
  };
}

export type TestModeration = Awaited<ReturnType<typeof moderationForTest>>;
