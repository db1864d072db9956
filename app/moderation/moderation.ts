/**
 * Who may moderate, what they may do, and what they did: accounts, the one table of commands, filters, the log and the
 * counters of the desk. Owns no messages and modes (chat), no bans (people) and no page (web, control).
 *
 * What web/ does with it: `accounts.staffOf(sessionID)` gives the role for `people.arrive`; `speak` takes the place of
 * chat's; forms give `commands.run(name, fields, { ...staff, personId })` and show its sentence or the Failure's.
 */
import type { Held } from '../chat/held.ts';
import type { Modes } from '../chat/modes.ts';
import type { Room } from '../chat/room.ts';
import type { Speak } from '../chat/speak.ts';
import type { Filter as TextFilter } from '../chat/submit.ts';
import type { TextLimits } from '../chat/text.ts';
import type { Log } from '../lib/log.ts';
import type { Bans } from '../people/bans.ts';
import type { PeopleConfig } from '../people/config.ts';
import type { Invitations } from '../people/invitations.ts';
import type { People } from '../people/people.ts';
import { Accounts } from './accounts.ts';
import { ActionLog } from './action-log.ts';
import { Arrivals } from './arrivals.ts';
import { Board } from './board.ts';
import type { BroadcasterFile } from './broadcaster-file.ts';
import { createChatDoor } from './chat-door.ts';
import { Circuits } from './circuits.ts';
import { Club } from './club.ts';
import { deskCommands } from './commands/desk.ts';
import { filterCommands } from './commands/filters.ts';
import { heldCommands } from './commands/held.ts';
import { inviteCommands } from './commands/invites.ts';
import { memberCommands } from './commands/members.ts';
import { messageCommands } from './commands/messages.ts';
import { modesCommands } from './commands/modes.ts';
import { peopleCommands } from './commands/people.ts';
import { silencingCommands } from './commands/silencing.ts';
import { speakingCommands } from './commands/speaking.ts';
import { staffCommands } from './commands/staff.ts';
import { streamCommands } from './commands/stream.ts';
import { Commands } from './commands.ts';
import type { ModerationConfig } from './config.ts';
import { Counters } from './counters.ts';
import { Filters } from './filters.ts';
import { createJudge } from './judge.ts';
import { LoginSessions } from './login-sessions.ts';
import { LoginThrottle } from './login-throttle.ts';
import { Moderators } from './moderators.ts';
import { createOwnPassword } from './own-password.ts';
import type { Passwords } from './password.ts';
import { Raid } from './raid.ts';
import { createRenaming } from './renaming.ts';
import { demote, promote } from './roles.ts';
import type {
  ActionStore,
  FilterStore,
  LoginStore,
  MemberStore,
  ModeratorStore,
  SettingStore,
} from './store.ts';
import type { Reload, StreamDesk } from './surroundings.ts';
import { Targets } from './targets.ts';
import { createUndoing } from './undoing.ts';
import { ViewersOverTime } from './viewers-over-time.ts';

export type ModerationStores = {
  moderators: ModeratorStore;
  logins: LoginStore;
  filters: FilterStore;
  moderationLog: ActionStore;
  persons: MemberStore;
  settings: SettingStore;
};

/** What there is before anybody can say anything: `judge` is the filter of chat's `submit`. */
export function createFiltering(
  deps: { stores: ModerationStores; bans: Bans; now: () => number; log: Log },
  config: ModerationConfig & Pick<PeopleConfig, 'defaultName'>,
): { filters: Filters; actions: ActionLog; judge: TextFilter } {
  const { stores, now } = deps;
  const filters = new Filters({ store: stores.filters, now }, config);
  const actions = new ActionLog({ store: stores.moderationLog, now });
  return { filters, actions, judge: createJudge({ ...deps, filters, actions }, config) };
}

export type ModerationDeps = {
  stores: ModerationStores;
  people: People;
  bans: Bans;
  invitations: Invitations;
  room: Room;
  held: Held;
  modes: Modes;
  /** Chat's own. */
  speak: Speak;
  filters: Filters;
  actions: ActionLog;
  passwords: Passwords;
  broadcaster: BroadcasterFile;
  stream: StreamDesk;
  reload: Reload;
  now: () => number;
};

export type Moderation = ReturnType<typeof createModeration>;

export function createModeration(
  deps: ModerationDeps,
  config: ModerationConfig & Pick<PeopleConfig, 'defaultName' | 'maxNameLength' | 'reservedNames'>,
  limits: TextLimits,
) {
  const { stores, people, invitations, filters, actions: log, stream, now } = deps;
  const { moderators, logins, settings, persons: members } = stores;
  const throttle = new LoginThrottle({ now });
  const sessions = new LoginSessions({ store: logins, now });
  sessions.changes.subscribe(({ type, personId, staff }) => {
    if (type === 'login') promote(people, personId, staff);
    else demote(people, personId);
  });
  const accounts = new Accounts(
    { ...deps, moderators: new Moderators({ store: moderators }, config), sessions, throttle },
    config,
  );
  const counters = new Counters({ now });
  const circuits = new Circuits();
  const targets = new Targets(deps, config);
  const board = new Board({ store: settings, room: deps.room });
  const raid = new Raid({ ...deps, store: settings }, config.raid);
  const club = new Club({ people, invitations, members, store: settings, now });
  const arrivals = new Arrivals({ people });
  arrivals.joined.subscribe(() => counters.join());
  const viewers = new ViewersOverTime({ now });

  const shared = { ...deps, accounts, counters, circuits, targets, board, raid, club, log };
  const undo = createUndoing({ ...shared, mayRun: (actor, name) => commands.mayRun(actor, name) });
  const commands: Commands = new Commands([
    ...streamCommands(shared),
    ...speakingCommands(shared, limits),
    ...messageCommands(shared),
    ...heldCommands(shared),
    ...silencingCommands(shared),
    ...peopleCommands(shared, config),
    ...modesCommands(shared),
    ...inviteCommands(shared),
    ...memberCommands(shared),
    ...filterCommands(shared),
    ...staffCommands(shared),
    ...deskCommands({ ...shared, undo }),
  ]);
  const speak = createChatDoor({ ...deps, commands, accounts, circuits, counters });

  return {
    accounts,
    /** Log-ins and log-outs. */
    logins: sessions.changes,
    commands,
    /** In place of chat's: commands of staff, and everything else as before. */
    speak,
    /** What people call themselves; in place of people's. */
    rename: createRenaming(deps),
    changePassword: createOwnPassword({ accounts, log }),
    log,
    filters,
    raid,
    board,
    club,
    counters,
    circuits,
    viewers,
    joined: arrivals.joined,
    stream,
    /** To be called about once a second. */
    sweep(): void {
      accounts.sweep();
      arrivals.sweep();
      viewers.tick(stream.status().viewers);
    },
  };
}
