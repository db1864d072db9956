import type { Held } from '../../chat/held.ts';
import type { Modes } from '../../chat/modes.ts';
import type { Session } from '../../moderation/accounts.ts';
import type { Moderation } from '../../moderation/moderation.ts';
import { minPasswordLength } from '../../moderation/password.ts';
import type { Actor } from '../../moderation/staff.ts';
import type { Bans } from '../../people/bans.ts';
import type { Invitations } from '../../people/invitations.ts';
import type { People } from '../../people/people.ts';
import type { Answer } from './answers.ts';
import { currentFacts } from './figures.ts';
import { type Fields, textOf } from './form.ts';
import { whoIsHere } from './here.ts';
import { bansNow, heldNow, invitationsNow, lasting } from './lists.ts';
import { overTime, refusals } from './over-time.ts';
import { changeOwnPassword } from './own-password.ts';
import { switchesOf } from './switches.ts';
import { utc } from './words.ts';

export type ViewDeps = {
  moderation: Pick<
    Moderation,
    | 'accounts'
    | 'board'
    | 'changePassword'
    | 'club'
    | 'commands'
    | 'counters'
    | 'filters'
    | 'log'
    | 'raid'
    | 'stream'
    | 'viewers'
  >;
  people: Pick<People, 'list' | 'find'>;
  bans: Pick<Bans, 'list' | 'muteOf' | 'banOf'>;
  held: Pick<Held, 'list' | 'size'>;
  modes: Pick<Modes, 'state'>;
  invitations: Pick<Invitations, 'list'>;
  defaultName: string;
  now: () => number;
};

/** One page of the desk. `path`: behind `/broadcaster/`, and its template is `desk-<path or now>`. */
export type DeskPage = Readonly<{
  path: string;
  label: string;
  /** The command that one must be allowed to give; without one it is for all staff. */
  needs?: string;
  /** What its template shows. `query`: of the page's address. */
  view: (deps: ViewDeps, asked: { actor: Actor; query: Fields }) => Record<string, unknown>;
  /** What a form of it does that gives no command; undefined for any other form. */
  act?: (deps: ViewDeps, session: Session, sent: Fields) => Promise<Answer | undefined>;
}>;

const actionsShown = 50;

export const deskPages: readonly DeskPage[] = [
  {
    path: '',
    label: 'Now',
    view: (deps, { query }) => ({
      facts: currentFacts(deps),
      switches: switchesOf(deps.modes.state, deps.moderation.raid.isOn),
      held: heldNow(deps),
      chart: overTime(deps.moderation.viewers, textOf(query, 'hours')),
      refusals: refusals(deps.moderation.counters),
    }),
  },
  {
    path: 'people',
    label: 'People',
    view: (deps, { actor, query }) => ({
      wanted: textOf(query, 'q'),
      here: whoIsHere(deps, actor, textOf(query, 'q')),
      bans: bansNow(deps),
    }),
  },
  {
    path: 'filters',
    label: 'Filters',
    view: ({ moderation }) => ({
      filters: moderation.filters.list().map(filter => ({
        ...filter,
        lasts: filter.action === 'mute' || filter.action === 'ban' ? lasting(filter.forMs) : '',
      })),
    }),
  },
  {
    path: 'stream',
    label: 'Stream',
    needs: 'title',
    view: ({ moderation: { stream, board } }) => ({
      title: stream.title,
      description: board.state.description,
      pinned: board.state.pinned?.text ?? '',
      isPinned: board.state.pinned !== undefined,
    }),
  },
  {
    path: 'moderators',
    label: 'Moderators',
    needs: 'mods add',
    view: deps => ({
      moderators: deps.moderation.accounts.moderators().map(each => ({
        ...each,
        since: utc(each.createdAtMs),
        isLoggedIn: each.seenAtMs !== undefined,
      })),
      invitations: invitationsNow(deps, 'moderator'),
    }),
  },
  {
    path: 'club',
    label: 'Club',
    needs: 'members',
    view: deps => ({
      members: deps.moderation.club.members().map(each => ({
        ...each,
        name: each.name ?? deps.defaultName,
        since: utc(each.sinceMs),
      })),
      tripcodes: deps.moderation.club.tripcodes().map(each => ({ ...each, since: utc(each.atMs) })),
      invitations: invitationsNow(deps, 'member'),
    }),
  },
  {
    path: 'log',
    label: 'Log',
    view: ({ moderation: { log, commands } }, { actor, query }) => {
      const before = Number(textOf(query, 'before')) || undefined;
      const actions = log.recent(actionsShown, before);
      return {
        isNewest: before === undefined,
        older: actions.length === actionsShown ? actions.at(-1)?.id : undefined,
        actions: actions.map(action => ({
          ...action,
          at: utc(action.atMs),
          canUndo: action.canUndo && commands.mayRun(actor, action.action),
        })),
      };
    },
  },
  {
    path: 'account',
    label: 'Account',
    view: () => ({ minLength: minPasswordLength }),
    act: ({ moderation }, session, sent) => changeOwnPassword(moderation, session, sent),
  },
  {
    path: 'commands',
    label: 'Commands',
    view: ({ moderation }, { actor }) => ({ commands: moderation.commands.list(actor) }),
  },
];
