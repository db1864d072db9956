/** All that a moderator can do, as a table: the line that does it, and what is so from then on, also after a restart. */
import { authorOf } from '../../app/chat/message.ts';
import type { TestModeration } from '../kit/moderation.ts';

/** What there is to do it to: people by the deed that is done to them, and the ids of what they wrote. */
export type Scene = Readonly<{
  round: number;
  /** Of visitors: the number of their message. */
  said: Readonly<Record<string, number>>;
  held: readonly [approved: number, rejected: number];
}>;

export type Told = Readonly<{
  deed: string;
  scene: Scene;
  /** The answer's data. */
  data: unknown;
  /** Its number in the log. */
  id?: number | undefined;
}>;

export type Deed = Readonly<{
  /** `ids`: the numbers in the log of what was done in this round. */
  line: (scene: Scene, ids: ReadonlyMap<string, number>, answers: ReadonlyMap<string, unknown>) => string;
  isSo: (desk: TestModeration, told: Told) => boolean;
  /** Of deeds that change the same thing only the last one tells how it is. */
  changes?: 'modes' | 'description' | 'pin';
  isLogged?: false;
}>;

/** Their messages are gone with `clear`, the last deed of a round. */
const visitors = ['hide', 'unhide', 'hide-all', 'ban-purge', 'mute', 'unmute', 'ban', 'unban'] as const;
const guests = [
  ...visitors,
  'members add',
  'members remove',
  'undo',
  'undo ban',
  'undo shorter',
  'pin',
] as const;

/** Lets visitors come and write, as it stands before a round of deeds. */
export function setScene(desk: TestModeration, round: number): Scene {
  const said: Record<string, number> = {};
  for (const guest of guests) {
    const person = desk.arrive(`${guest} ${round}`, nameOf(guest, round));
    const words = { author: authorOf(person), text: `by ${guest} ${round}`, replyTo: undefined };
    said[guest] = desk.room.append({ ...words, nonce: undefined }).number;
  }
  const author = authorOf(desk.arrive(`held ${round}`));
  const hold = (text: string) => desk.held.add({ author, text, replyTo: undefined, nonce: undefined }).id;
  return { round, said, held: [hold(`approve ${round}`), hold(`reject ${round}`)] };
}

function nameOf(guest: string, round: number): string {
  return `${guest} ${round}`.replaceAll('-', ' ');
}

const field = (data: unknown, name: string): unknown =>
  typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined;

const about = (guest: string, rest = '') => ({
  line: ({ round }: Scene) => `${guest.startsWith('undo') ? 'ban' : guest} "${nameOf(guest, round)}"${rest}`,
});

const message =
  (guest: string) =>
  (desk: TestModeration, { scene }: Told) =>
    desk.room.find(scene.said[guest] ?? 0);

const silenced =
  (kind: 'ban' | 'mute', guest: string, expected: boolean) => (desk: TestModeration, told: Told) =>
    desk.bans
      .list()
      .some(ban => ban.kind === kind && ban.name.startsWith(`${nameOf(guest, told.scene.round)} #`)) ===
    expected;

const member = (guest: string, expected: boolean) => (desk: TestModeration, told: Told) =>
  desk.club.members().some(({ name }) => name === nameOf(guest, told.scene.round)) === expected;

const modes = (line: string) => ({
  line: ({ round }: Scene) => line.replace('N', String(1 + (round % 600))),
  changes: 'modes' as const,
  isSo: (desk: TestModeration, { data }: Told): boolean =>
    (field(data, 'raid') ?? desk.raid.isOn) === desk.raid.isOn &&
    Object.entries(desk.modes.state).every(
      ([name, value]) => JSON.stringify(value) === JSON.stringify(field(data, name)),
    ),
});

const hasFilter = (desk: TestModeration, { data }: Told) =>
  desk.filters.list().some(({ id }) => id === field(data, 'id'));

const isModerator = (desk: TestModeration, { data }: Told) =>
  desk.accounts.moderators().some(({ name }) => name === field(data, 'name'));

const invitation = (desk: TestModeration, { data }: Told) =>
  desk.invitations.list().some(({ id }) => id === field(data, 'id'));

const isAllowed = (desk: TestModeration, { data }: Told) =>
  desk.club.tripcodes().some(({ tripcode }) => tripcode === field(data, 'tripcode'));

/** In the order in which a round does them; a name with an apostrophe is one more form of a command. */
export const deeds: Readonly<Record<string, Deed>> = {
  say: {
    line: ({ round }) => `say something of round ${round}`,
    isLogged: false,
    isSo: (desk, { data }) => desk.room.find(Number(field(data, 'number'))) !== undefined,
  },
  announce: {
    line: ({ round }) => `announce round ${round}`,
    isSo: (desk, { data }) => desk.room.find(Number(field(data, 'number')))?.kind === 'notice',
  },
  hide: {
    line: ({ said }) => `hide ${said.hide} ${said.unhide}`,
    isSo: (desk, told) => message('hide')(desk, told)?.hidden === true,
  },
  unhide: {
    line: ({ said }) => `unhide ${said.unhide}`,
    isSo: (desk, told) => message('unhide')(desk, told)?.hidden === false,
  },
  'hide-all': {
    ...about('hide-all'),
    isSo: (desk, told) => message('hide-all')(desk, told)?.hidden === true,
  },
  approve: {
    line: ({ held }) => `approve ${held[0]}`,
    isSo: (desk, { scene }) =>
      desk.room.recent().some(({ text }) => text === `approve ${scene.round}`) &&
      !desk.held.list().some(({ id }) => id === scene.held[0]),
  },
  reject: {
    line: ({ held }) => `reject ${held[1]}`,
    isSo: (desk, { scene }) => !desk.held.list().some(({ id }) => id === scene.held[1]),
  },
  mute: { ...about('mute', ' 2h'), isSo: silenced('mute', 'mute', true) },
  "mute'": { line: ({ round }) => `mute "${nameOf('unmute', round)}" 2h`, isSo: () => true },
  unmute: { ...about('unmute'), isSo: silenced('mute', 'unmute', false) },
  ban: { ...about('ban', ' 2h spam'), isSo: silenced('ban', 'ban', true) },
  "ban'": { line: ({ round }) => `ban "${nameOf('unban', round)}"`, isSo: () => true },
  unban: { ...about('unban'), isSo: silenced('ban', 'unban', false) },
  'ban-purge': {
    ...about('ban-purge', ' 7d'),
    isSo: (desk, told) =>
      message('ban-purge')(desk, told) === undefined && silenced('ban', 'ban-purge', true)(desk, told),
  },
  "ban''": { ...about('undo ban'), isSo: () => true },
  undo: {
    line: (_, ids) => `undo ${ids.get("ban''")}`,
    isSo: silenced('ban', 'undo ban', false),
  },
  "ban'''": { ...about('undo shorter'), isSo: () => true },
  "ban''''": { ...about('undo shorter', ' 2h'), isSo: () => true },
  "undo''": {
    line: (_, ids) => `undo ${ids.get("ban''''")}`,
    isSo: ({ bans }, { scene }) =>
      bans
        .list()
        .some(
          ({ name, untilMs }) => untilMs === null && name.startsWith(nameOf('undo shorter', scene.round)),
        ),
  },
  "hide'": { line: ({ said }) => `hide ${said.undo}`, isSo: () => true },
  "undo'": {
    line: (_, ids) => `undo ${ids.get("hide'")}`,
    isSo: (desk, told) => message('undo')(desk, told)?.hidden === false,
  },
  slow: modes('slow N'),
  captcha: modes('captcha every'),
  newcomers: modes('newcomers N'),
  hold: modes('hold newcomers'),
  'tripcodes-only': modes('tripcodes-only on'),
  'members-only': modes('members-only on'),
  closed: modes('closed on'),
  raid: modes('raid on'),
  "raid'": modes('raid off'),
  "closed'": modes('closed off'),
  'filters add': {
    line: ({ round }) => `filters add word hold word${round}`,
    isSo: hasFilter,
  },
  "filters add'": { line: ({ round }) => `filters add word ban other${round}`, isSo: () => true },
  'filters remove': {
    line: (_, __, answers) => `filters remove ${field(answers.get("filters add'"), 'id')}`,
    isSo: (desk, told) => !hasFilter(desk, told),
  },
  'mods add': { line: ({ round }) => `mods add Anna${round}`, isSo: isModerator },
  "mods add'": { line: ({ round }) => `mods add Otto${round}`, isSo: () => true },
  'mods remove': {
    line: ({ round }) => `mods remove Otto${round}`,
    isSo: (desk, told) => !isModerator(desk, told),
  },
  'mods invite': { line: () => 'mods invite 2h', isSo: invitation },
  'invites create': { line: () => 'invites create 2h', isSo: invitation },
  "invites create'": { line: () => 'invites create', isSo: () => true },
  'invites revoke': {
    line: (_, __, answers) => `invites revoke ${field(answers.get("invites create'"), 'id')}`,
    isSo: (desk, told) => !invitation(desk, told),
  },
  'members add': { ...about('members add'), isSo: member('members add', true) },
  "members add'": { line: ({ round }) => `members add ${nameOf('members remove', round)}`, isSo: () => true },
  'members remove': { ...about('members remove'), isSo: member('members remove', false) },
  'members allow': { line: ({ round }) => `members allow tripcode0${round}`, isSo: isAllowed },
  "members allow'": { line: ({ round }) => `members allow nobodys00${round}`, isSo: () => true },
  'members forbid': {
    line: ({ round }) => `members forbid nobodys00${round}`,
    isSo: (desk, told) => !isAllowed(desk, told),
  },
  description: {
    line: ({ round }) => `description about ${round}`,
    changes: 'description',
    isSo: (desk, { scene }) => desk.board.state.description === `about ${scene.round}`,
  },
  pin: {
    line: ({ said }) => `pin ${said.pin}`,
    changes: 'pin',
    isSo: (desk, { scene }) => desk.board.state.pinned?.messageNumber === scene.said.pin,
  },
  unpin: { line: () => 'unpin', changes: 'pin', isSo: desk => desk.board.state.pinned === undefined },
  clear: {
    line: () => 'clear',
    isSo: (desk, { scene }) => Object.values(scene.said).every(number => !desk.room.find(number)),
  },
};

/** Deeds about messages, which `clear` does away with. */
export const isAboutMessages = (deed: string): boolean =>
  /^(say|announce|hide|unhide|hide-all|approve|undo')$/.test(deed);

/** What changes nothing here: answers, the encoder, and the two files that are the stream's and the operator's own. */
export const others = [
  ...[
    'help',
    'held',
    'bans',
    'people',
    'mods',
    'invites',
    'members',
    'filters',
    'filters test',
    'stats',
    'log',
  ],
  ...['end-stream', 'config reload', 'title'],
];
