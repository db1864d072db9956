import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createAsShown } from '../chat/as-shown.ts';
import { CaptchaPolicy } from '../chat/captcha-policy.ts';
import { Emotes } from '../chat/emotes.ts';
import { Flood } from '../chat/flood.ts';
import { Held } from '../chat/held.ts';
import { Modes } from '../chat/modes.ts';
import { Room } from '../chat/room.ts';
import { createSpeak } from '../chat/speak.ts';
import { createSubmit } from '../chat/submit.ts';
import type { Config } from '../config.ts';
import type { Log } from '../lib/log.ts';
import { BroadcasterFile } from '../moderation/broadcaster-file.ts';
import { createFiltering, createModeration } from '../moderation/moderation.ts';
import { Passwords } from '../moderation/password.ts';
import type { Reload, StreamDesk } from '../moderation/surroundings.ts';
import { TripcodeEntry } from '../moderation/tripcode-entry.ts';
import { Bans } from '../people/bans.ts';
import { CaptchaPool } from '../people/captcha/pool.ts';
import { Invitations } from '../people/invitations.ts';
import { People } from '../people/people.ts';
import { loadSecret, subkey } from '../people/secret.ts';
import { Tripcodes } from '../people/tripcode.ts';
import { openStore } from '../store/store.ts';

export type Community = Awaited<ReturnType<typeof composeCommunity>>;

/** Store → people → chat → moderation: who is here, what they say, and who keeps order. */
export async function composeCommunity(
  config: Config,
  deps: {
    dataDir: string;
    emotesDir: string;
    streamDesk: StreamDesk;
    reload: Reload;
    log: Log;
    now: () => number;
  },
) {
  const { dataDir, emotesDir, log, now } = deps;
  const secret = await loadSecret(dataDir);
  const passwords = new Passwords();
  const configured = config.people.broadcasterPassword;
  const broadcaster = await BroadcasterFile.open(dataDir, { configured, passwords, now, log });
  const store = openStore(
    config.storage === 'memory'
      ? { kind: 'memory' }
      : { kind: 'sqlite', path: join(dataDir, 'onioncast.sqlite') },
  );
  const tripcodes = new Tripcodes({ key: subkey(secret, 'tripcode') }, config.people.tripcode);
  const personKey = subkey(secret, 'person');
  const people = new People({ key: personKey, store: store.persons, tripcodes, now }, config.people);
  const bans = new Bans({ store: store.bans, now }, config.people.bans);
  const invitations = new Invitations({ store: store.invitations, now }, config.people);
  const captchas = new CaptchaPool({ now, log }, config.captcha);

  const epoch = randomBytes(9).toString('base64url');
  const room = new Room({ store: store.messages, now, epoch }, config.chat);
  const held = new Held({ store: store.held, room, now }, config.chat);
  const modes = new Modes({ store: store.settings, now, log }, config.chat);
  const moderationConfig = { ...config.people, ...config.moderation };
  const filtering = createFiltering({ stores: store, bans, now, log }, moderationConfig);
  const emotes = new Emotes({ folder: emotesDir, log });
  const submit = createSubmit(
    {
      room,
      held,
      modes,
      flood: new Flood({ now }, config.chat.flood),
      captchas: new CaptchaPolicy({ now, random: Math.random }, config.chat),
      people,
      bans,
      access: config.people.access,
      filter: filtering.judge,
      now,
      log,
    },
    config.chat,
  );
  const moderation = createModeration(
    {
      stores: store,
      people,
      bans,
      invitations,
      room,
      held,
      modes,
      speak: createSpeak({ submit, captchas, people }),
      ...filtering,
      passwords,
      broadcaster: broadcaster.file,
      stream: deps.streamDesk,
      reload: deps.reload,
      now,
    },
    moderationConfig,
    config.chat,
  );
  await emotes.refresh();

  return {
    people,
    bans,
    invitations,
    captchas,
    room,
    held,
    modes,
    emotes,
    asShown: createAsShown({ modes }),
    speak: moderation.speak,
    rename: moderation.rename,
    moderation,
    tripcodeEntry: new TripcodeEntry({ people, captchas, now }),
    /** The broadcaster's password if it was made at this start: to be shown, and forgotten. */
    generatedPassword: broadcaster.generated,
    sessionSecret: subkey(secret, 'session').toString('base64url'),
    csrfKey: subkey(secret, 'csrf'),
    /** To be called about once a second. */
    sweeps: [() => people.sweep(), () => bans.sweep(), () => moderation.sweep()],
    /** To be called about once a minute. */
    expiries: [() => room.expire(), () => held.expire()],
    async close(): Promise<void> {
      await captchas.close();
      people.close();
      store.close();
    },
  };
}
