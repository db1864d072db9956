import { createHash } from 'node:crypto';
import { codeOf, Failure } from '../lib/failure.ts';
import { Topic } from '../lib/topic.ts';
import type { PeopleConfig } from '../people/config.ts';
import type { Invitations } from '../people/invitations.ts';
import { lookAlike } from '../people/look-alike.ts';
import { parseName } from '../people/name.ts';
import type { People } from '../people/people.ts';
import type { BroadcasterFile } from './broadcaster-file.ts';
import type { ModerationConfig } from './config.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { assertPassword, generatePassword, type Passwords } from './password.ts';
import { broadcasterName, type Staff } from './staff.ts';
import type { LoginRow, LoginStore, ModeratorRow, ModeratorStore } from './store.ts';

/** `sessionId`: what web/ keeps in the cookie; `personId`: the person of that session. */
export type Session = Readonly<{ sessionId: string; personId: string; circuit?: string | undefined }>;

export type Moderator = Readonly<{
  name: string;
  by: string;
  createdAtMs: number;
  /** undefined: never, or not since their last log-out. */
  seenAtMs: number | undefined;
}>;

/** The log-ins of these persons began or ended. */
export type AccountsEvent = Readonly<{ type: 'login' | 'logout'; personId: string; staff: Staff }>;

type AccountsDeps = {
  broadcaster: BroadcasterFile;
  moderators: ModeratorStore;
  logins: LoginStore;
  invitations: Pick<Invitations, 'check' | 'redeem'>;
  people: Pick<People, 'find' | 'setRole' | 'rename'>;
  passwords: Passwords;
  throttle: LoginThrottle;
  now: () => number;
};

type AccountsConfig = Pick<ModerationConfig, 'loginIdleDays' | 'maxModerators'> &
  Pick<PeopleConfig, 'maxNameLength' | 'defaultName' | 'reservedNames'>;

const dayMs = 86_400_000;
/** A row is written so often at most for a session that is in use. */
const seenEveryMs = 60_000;
const maxLoginsPerName = 20;

/** Who may moderate: the accounts, and the sessions that are logged in. All of it outlives a restart. */
export class Accounts {
  readonly changes = new Topic<AccountsEvent>();
  readonly #deps: AccountsDeps;
  readonly #config: AccountsConfig;
  readonly #moderators: Map<string, ModeratorRow>;
  readonly #logins: Map<string, LoginRow>;

  constructor(deps: AccountsDeps, config: AccountsConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#moderators = new Map(deps.moderators.all().map(row => [row.name, row]));
    this.#logins = new Map(deps.logins.all().map(row => [row.id, row]));
    this.sweep();
  }

  /**
   * Checks name and password, and logs the session in. Throws Failure `login-wrong`, `login-wait` (facts:
   * `retryAtMs`) or `busy`; the sentences are for whoever tries.
   */
  async login(session: Session, { username, password }: { username: string; password: string }): Promise<Staff> {
    const { throttle, passwords, broadcaster } = this.#deps;
    const sources = sourcesOf(session);
    throttle.assertMayTry(sources);
    throttle.begin(sources);
    broadcaster.refresh();
    const name = this.#accountName(username);
    const hash = this.#hashOf(name);
    let isRight: boolean;
    try {
      isRight = await passwords.check(password, hash, session.circuit);
    } catch (error) {
      throttle.forgive(sources, false);
      throw error;
    }
    // The account may have gone, or got another password, while this one was checked.
    if (!isRight || name === undefined || this.#hashOf(name) !== hash) {
      throw new Failure('login-wrong', 'The user name or the password is wrong.');
    }
    throttle.forgive(sources, true);
    return this.#begin(session, name);
  }

  /** Who this session is logged in as; a sign of life of theirs. */
  staffOf(sessionId: string): Staff | undefined {
    const login = this.#logins.get(idOf(sessionId));
    if (!login || this.#isOver(login)) return undefined;
    const nowMs = this.#deps.now();
    if (nowMs - login.seenAtMs >= seenEveryMs) this.#save({ ...login, seenAtMs: nowMs });
    return staffNamed(login.name);
  }

  logout(sessionId: string): void {
    const login = this.#logins.get(idOf(sessionId));
    if (login) this.#end([login]);
  }

  /** Ends all sessions of a person. */
  logoutPerson(personId: string): void {
    this.#end([...this.#logins.values()].filter(login => login.personId === personId));
  }

  /** How many sessions are logged in by this name. */
  sessionsOf(name: string): number {
    return this.#ofName(name).length;
  }

  /** In order of their making. */
  moderators(): Moderator[] {
    return [...this.#moderators.values()].map(({ name, by, createdAtMs }) => {
      const seenAtMs = this.#ofName(name).map(login => login.seenAtMs);
      return { name, by, createdAtMs, seenAtMs: seenAtMs.length > 0 ? Math.max(...seenAtMs) : undefined };
    });
  }

  /** The account by this name, however it is written; undefined when there is none. */
  findModerator(name: string): Moderator | undefined {
    const exact = this.#accountName(name);
    return this.moderators().find(moderator => moderator.name === exact);
  }

  /**
   * `generated`: the password, when none was given; to be shown this once. Throws Failure `name-…`, `moderator-name`,
   * `moderators-full`, `password-…` or `busy`.
   */
  async addModerator(order: { name: string; password?: string | undefined; by: string }): Promise<{
    name: string;
    generated: string | undefined;
  }> {
    const name = this.#newName(order.name);
    const password = order.password ?? generatePassword();
    assertPassword(password);
    const passwordHash = await this.#deps.passwords.hash(password);
    this.#newName(order.name);
    this.#saveModerator({ name, passwordHash, by: order.by, createdAtMs: this.#deps.now() });
    return { name, generated: order.password === undefined ? password : undefined };
  }

  /** Their sessions end at once. Throws Failure `moderator-unknown`. */
  removeModerator(name: string): string {
    const row = this.#moderator(name);
    this.#deps.moderators.delete(row.name);
    this.#moderators.delete(row.name);
    this.#end(this.#ofName(row.name));
    return row.name;
  }

  /**
   * A new password for an account; all its sessions end but `keepSessionId`. Throws Failure `moderator-unknown`,
   * `password-…` or `busy`.
   */
  async setPassword(name: string, password: string, keepSessionId?: string): Promise<void> {
    const { broadcaster, passwords, now } = this.#deps;
    const kept = keepSessionId === undefined ? undefined : this.#logins.get(idOf(keepSessionId));
    if (name === broadcasterName) {
      await broadcaster.setPassword(password, passwords, now);
    } else {
      const { name: exact } = this.#moderator(name);
      assertPassword(password);
      const passwordHash = await passwords.hash(password);
      this.#saveModerator({ ...this.#moderator(exact), passwordHash });
    }
    this.#end(this.#ofName(kept?.name ?? this.#accountName(name) ?? name).filter(login => login.id !== kept?.id));
    if (kept && this.#logins.has(kept.id)) this.#save({ ...kept, createdAtMs: now(), seenAtMs: now() });
  }

  /**
   * The same for who gives their old password, throttled like a log-in. Throws Failure `login-wrong`, `login-wait`,
   * `password-…` or `busy`.
   */
  async changePassword(session: Session, change: { oldPassword: string; newPassword: string }): Promise<void> {
    const staff = this.staffOf(session.sessionId);
    if (!staff) throw new Failure('login-needed', 'Your log-in has ended. Log in again.');
    assertPassword(change.newPassword);
    await this.login(session, { username: staff.name, password: change.oldPassword });
    await this.setPassword(staff.name, change.newPassword, session.sessionId);
  }

  /** Whether a moderator's invitation can still be used. Throws Failure `invitation-…`. */
  checkInvitation(token: string): void {
    const { grants } = this.#deps.invitations.check(token);
    if (grants !== 'moderator') {
      throw new Failure('invitation-unknown', 'This invitation is for members, not for moderators.');
    }
  }

  /** Makes the invited person's account and logs them in. Throws like `checkInvitation` and `addModerator`. */
  async acceptInvitation(
    session: Session,
    order: { token: string; username: string; password: string },
  ): Promise<Staff> {
    this.checkInvitation(order.token);
    const name = this.#newName(order.username);
    assertPassword(order.password);
    const passwordHash = await this.#deps.passwords.hash(order.password);
    this.#newName(order.username);
    this.checkInvitation(order.token);
    const { by } = this.#deps.invitations.redeem(order.token, session.personId);
    this.#saveModerator({ name, passwordHash, by, createdAtMs: this.#deps.now() });
    return this.#begin(session, name);
  }

  /** Ends the log-ins that are over; to be called about once a second. */
  sweep(): void {
    this.#deps.broadcaster.refresh();
    this.#end([...this.#logins.values()].filter(login => this.#isOver(login)));
  }

  #begin({ sessionId, personId }: Session, name: string): Staff {
    const nowMs = this.#deps.now();
    const id = idOf(sessionId);
    const [oldest] = this.#ofName(name).filter(login => login.id !== id);
    if (oldest && this.#ofName(name).length >= maxLoginsPerName) this.#end([oldest]);
    const other = this.#logins.get(id);
    if (other && (other.name !== name || other.personId !== personId)) this.#end([other]);
    this.#save({ id, name, personId, createdAtMs: nowMs, seenAtMs: nowMs });
    const staff = staffNamed(name);
    this.#promote(personId, staff);
    this.changes.publish({ type: 'login', personId, staff });
    return staff;
  }

  #promote(personId: string, { role, name }: Staff): void {
    const { people } = this.#deps;
    if (!people.find(personId)) return;
    const person = people.setRole(personId, role);
    if (person.name !== undefined) return;
    try {
      people.rename(personId, role === 'broadcaster' ? 'Broadcaster' : name);
    } catch (error) {
      // A name can be closed to them by a later config.json; then they have none.
      if (!(error instanceof Failure)) throw error;
    }
  }

  #demote(personId: string): void {
    const { people } = this.#deps;
    if (!people.find(personId)) return;
    const { name } = people.setRole(personId, 'viewer');
    if (name === undefined) return;
    try {
      people.rename(personId, name);
    } catch (error) {
      // A name such as Broadcaster is not for those who are nothing of the kind any more.
      if (codeOf(error) !== 'name-reserved') throw error;
      people.rename(personId, '');
    }
  }

  #end(logins: readonly LoginRow[]): void {
    if (logins.length === 0) return;
    this.#deps.logins.delete(logins.map(login => login.id));
    for (const { id } of logins) this.#logins.delete(id);
    for (const { personId, name } of logins) {
      const isStill = [...this.#logins.values()].some(login => login.personId === personId);
      if (!isStill) this.#demote(personId);
      this.changes.publish({ type: 'logout', personId, staff: staffNamed(name) });
    }
  }

  #isOver({ name, createdAtMs, seenAtMs }: LoginRow): boolean {
    if (this.#deps.now() - seenAtMs >= this.#config.loginIdleDays * dayMs) return true;
    if (name === broadcasterName) return createdAtMs < this.#deps.broadcaster.changedAtMs;
    return !this.#moderators.has(name);
  }

  #ofName(name: string): LoginRow[] {
    return [...this.#logins.values()].filter(login => login.name === name);
  }

  #save(login: LoginRow): void {
    this.#deps.logins.save(login);
    this.#logins.set(login.id, login);
  }

  #saveModerator(row: ModeratorRow): void {
    this.#deps.moderators.save(row);
    this.#moderators.set(row.name, row);
  }

  #moderator(name: string): ModeratorRow {
    const row = this.#moderators.get(this.#accountName(name) ?? '');
    if (row) return row;
    throw new Failure('moderator-unknown', `There is no moderator “${name.slice(0, 64)}”. See: mods`, {});
  }

  #hashOf(name: string | undefined): string | undefined {
    if (name === broadcasterName) return this.#deps.broadcaster.passwordHash;
    return this.#moderators.get(name ?? '')?.passwordHash;
  }

  /** The name of the account that is meant, as it was made. */
  #accountName(typed: string): string | undefined {
    const wanted = foldedName(typed);
    if (wanted === broadcasterName) return broadcasterName;
    return [...this.#moderators.keys()].find(name => foldedName(name) === wanted);
  }

  #newName(typed: string): string {
    const { maxModerators, reservedNames } = this.#config;
    const name = parseName(typed, { ...this.#config, reservedNames: [...reservedNames, broadcasterName] });
    if (name === undefined) throw new Failure('moderator-name', 'A moderator needs a name of their own.');
    const taken = lookAlike(name, [...this.#moderators.keys()]);
    if (taken !== undefined) {
      throw new Failure('moderator-name', `“${name}” looks too much like the moderator “${taken}”.`, { taken });
    }
    if (this.#moderators.size >= maxModerators) {
      throw new Failure('moderators-full', `There are ${maxModerators} moderators already. Remove one first.`);
    }
    return name;
  }
}

function staffNamed(name: string): Staff {
  return { name, role: name === broadcasterName ? 'broadcaster' : 'moderator' };
}

function foldedName(name: string): string {
  return name.slice(0, 200).normalize('NFKC').trim().toLowerCase();
}

function sourcesOf({ sessionId, circuit }: Session): string[] {
  const session = `session ${idOf(sessionId)}`;
  return circuit === undefined ? [session] : [session, `circuit ${circuit}`];
}

/** Only a hash is kept: whoever reads the database can't become the broadcaster with it. */
function idOf(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex');
}
