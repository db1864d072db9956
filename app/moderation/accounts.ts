import { codeOf, Failure } from '../lib/failure.ts';
import type { Bans } from '../people/bans.ts';
import type { Invitations } from '../people/invitations.ts';
import type { People } from '../people/people.ts';
import type { BroadcasterFile } from './broadcaster-file.ts';
import type { ModerationConfig } from './config.ts';
import { type LoginSessions, sessionHash, staffNamed } from './login-sessions.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { foldedName, type Moderators } from './moderators.ts';
import { assertPassword, generatePassword, type Passwords } from './password.ts';
import { broadcasterName, type Staff } from './staff.ts';
import type { LoginRow } from './store.ts';

/** `sessionId`: what web/ keeps in the cookie; `personId`: the person of that session. */
export type Session = Readonly<{ sessionId: string; personId: string; circuit?: string | undefined }>;

export type Moderator = Readonly<{
  name: string;
  by: string;
  createdAtMs: number;
  /** undefined: not logged in anywhere. */
  seenAtMs: number | undefined;
}>;

type AccountsDeps = {
  broadcaster: BroadcasterFile;
  moderators: Moderators;
  sessions: LoginSessions;
  invitations: Pick<Invitations, 'check' | 'redeem'>;
  people: Pick<People, 'find'>;
  bans: Pick<Bans, 'isBanned'>;
  passwords: Passwords;
  throttle: LoginThrottle;
  now: () => number;
};

const dayMs = 86_400_000;

/** Who may moderate: the accounts, and the sessions that are logged in. All of it outlives a restart. */
export class Accounts {
  readonly #deps: AccountsDeps;
  readonly #idleMs: number;

  constructor(deps: AccountsDeps, { loginIdleDays }: Pick<ModerationConfig, 'loginIdleDays'>) {
    this.#deps = deps;
    this.#idleMs = loginIdleDays * dayMs;
    this.sweep();
  }

  /**
   * Checks name and password, and logs the session in. Throws Failure `login-wrong`, `login-wait` (facts:
   * `retryAtMs`), `banned` or `busy`; the sentences are for whoever tries.
   */
  async login(session: Session, given: { username: string; password: string }): Promise<Staff> {
    const { throttle, passwords, sessions } = this.#deps;
    const sources = sourcesOf(session);
    throttle.assertMayTry(sources);
    throttle.begin(sources);
    this.#takeNewPassword();
    const name = this.#accountName(given.username);
    const hash = this.#hashOf(name);
    let isRight: boolean;
    try {
      // Throw-away sessions are young: who has had the page open for a while, or tries again, gets past them.
      const sinceMs = this.#deps.people.find(session.personId)?.createdAtMs;
      isRight = await passwords.check(given.password, hash, { circuit: session.circuit, sinceMs });
    } catch (error) {
      throttle.forgive(sources, false);
      throw error;
    }
    // The account may have gone, or got another password, while this one was checked.
    if (!isRight || name === undefined || this.#hashOf(name) !== hash) {
      throw new Failure('login-wrong', 'The user name or the password is wrong.');
    }
    throttle.forgive(sources, true);
    this.#assertNotBanned(session.personId, name);
    return sessions.begin(session.sessionId, session.personId, name, this.#passwordSinceMs(name));
  }

  /** Who this session is logged in as; a sign of life of theirs. */
  staffOf(sessionId: string): Staff | undefined {
    const { sessions } = this.#deps;
    const login = sessions.find(sessionId);
    if (!login || this.#isOver(login) || this.#isBanned(login)) return undefined;
    sessions.touch(login);
    return staffNamed(login.name);
  }

  /** The same for any session of this person. */
  staffOfPerson(personId: string): Staff | undefined {
    const login = this.#deps.sessions
      .all()
      .find(each => each.personId === personId && !this.#isOver(each) && !this.#isBanned(each));
    return login && staffNamed(login.name);
  }

  logout(sessionId: string): void {
    const login = this.#deps.sessions.find(sessionId);
    if (login) this.#deps.sessions.end([login]);
  }

  /** Ends all sessions of a person. */
  logoutPerson(personId: string): void {
    const { sessions } = this.#deps;
    sessions.end(sessions.all().filter(login => login.personId === personId));
  }

  /** How many sessions are logged in by this name. */
  sessionsOf(name: string): number {
    return this.#deps.sessions.ofName(name).length;
  }

  /** In order of their making. */
  moderators(): Moderator[] {
    const { moderators, sessions } = this.#deps;
    return moderators.all().map(({ id: name, by, createdAtMs }) => {
      const seenAtMs = sessions.ofName(name).map(login => login.seenAtMs);
      return { name, by, createdAtMs, seenAtMs: seenAtMs.length > 0 ? Math.max(...seenAtMs) : undefined };
    });
  }

  /**
   * `generated`: the password, when none was given; to be shown this once. Throws Failure `name-…`, `moderator-name`,
   * `moderators-full`, `password-…` or `busy`.
   */
  async addModerator(order: { name: string; password?: string | undefined; by: string }): Promise<{
    name: string;
    generated: string | undefined;
  }> {
    const password = order.password ?? generatePassword();
    const { name, passwordHash } = await this.#newAccount(order.name, password);
    const createdAtMs = this.#deps.now();
    this.#deps.moderators.save({ id: name, passwordHash, by: order.by, createdAtMs });
    return { name, generated: order.password === undefined ? password : undefined };
  }

  /** Their sessions end at once. Throws Failure `moderator-unknown`. Returns the name as it was made. */
  removeModerator(name: string): string {
    const { moderators, sessions } = this.#deps;
    const { id } = moderators.need(name);
    moderators.delete(id);
    sessions.end(sessions.ofName(id));
    return id;
  }

  /**
   * A new password for who gives their old one, throttled like a log-in; their other sessions end. Throws Failure
   * `login-needed`, `login-wrong`, `login-wait`, `password-…`, `moderator-unknown` or `busy`.
   */
  async changePassword(
    session: Session,
    { oldPassword, newPassword }: { oldPassword: string; newPassword: string },
  ): Promise<Staff> {
    const { broadcaster, moderators, passwords, sessions, now } = this.#deps;
    const staff = this.staffOf(session.sessionId);
    if (!staff) throw new Failure('login-needed', 'Your log-in has ended. Log in again.');
    const { name } = staff;
    assertPassword(newPassword);
    try {
      await this.login(session, { username: name, password: oldPassword });
    } catch (error) {
      if (codeOf(error) !== 'login-wrong') throw error;
      throw new Failure('login-wrong', 'The password so far is another one: nothing was changed. Try again.');
    }
    if (name === broadcasterName) {
      await broadcaster.setPassword(newPassword, passwords, now);
    } else {
      const passwordHash = await passwords.hash(newPassword);
      moderators.save({ ...moderators.need(name), passwordHash });
    }
    sessions.end(sessions.ofName(name).filter(({ id }) => id !== sessionHash(session.sessionId)));
    sessions.begin(session.sessionId, session.personId, name, this.#passwordSinceMs(name));
    return staff;
  }

  /** Whether a moderator's invitation can still be used. Throws Failure `invitation-…`. */
  checkInvitation(token: string): void {
    if (this.#deps.invitations.check(token).grants === 'moderator') return;
    throw new Failure('invitation-unknown', 'This invitation is for members, not for moderators.');
  }

  /** Makes the invited person's account and logs them in. Throws like `checkInvitation`, `addModerator`, or `banned`. */
  async acceptInvitation(
    session: Session,
    order: { token: string; username: string; password: string },
  ): Promise<Staff> {
    const { invitations, moderators, sessions, now } = this.#deps;
    this.checkInvitation(order.token);
    this.#assertNotBanned(session.personId, order.username);
    const { name, passwordHash } = await this.#newAccount(order.username, order.password);
    this.checkInvitation(order.token);
    const { by } = invitations.redeem(order.token, session.personId);
    moderators.save({ id: name, passwordHash, by, createdAtMs: now() });
    return sessions.begin(session.sessionId, session.personId, name);
  }

  /** Ends the log-ins that are over; to be called about once a second. */
  sweep(): void {
    const { sessions } = this.#deps;
    this.#takeNewPassword();
    sessions.end(sessions.all().filter(login => this.#isOver(login)));
  }

  #passwordSinceMs(name: string): number | undefined {
    return name === broadcasterName ? this.#deps.broadcaster.changedAtMs : undefined;
  }

  /** The one that `--set-password` wrote, if it did. */
  #takeNewPassword(): void {
    const { broadcaster, sessions } = this.#deps;
    // Whatever the clock said when they began.
    if (broadcaster.refresh()) sessions.end(sessions.ofName(broadcasterName));
  }

  async #newAccount(typed: string, password: string): Promise<{ name: string; passwordHash: string }> {
    const { moderators, passwords } = this.#deps;
    moderators.newName(typed);
    assertPassword(password);
    const passwordHash = await passwords.hash(password);
    // Somebody else may have taken it meanwhile.
    return { name: moderators.newName(typed), passwordHash };
  }

  #isOver({ name, createdAtMs, seenAtMs }: LoginRow): boolean {
    const { broadcaster, moderators, now } = this.#deps;
    if (now() - seenAtMs >= this.#idleMs) return true;
    if (name === broadcasterName) return createdAtMs < broadcaster.changedAtMs;
    return moderators.find(name) === undefined;
  }

  #isBanned({ name, personId }: Pick<LoginRow, 'name' | 'personId'>): boolean {
    const { people, bans } = this.#deps;
    const person = name === broadcasterName ? undefined : people.find(personId);
    // As the moderator they would be, whatever they are until then.
    return person !== undefined && bans.isBanned({ ...person, role: 'moderator' });
  }

  #assertNotBanned(personId: string, name: string): void {
    if (!this.#isBanned({ name, personId })) return;
    throw new Failure('banned', 'You have been banned from this stream: ask the broadcaster.');
  }

  /** The name of the account that is meant, as it was made. */
  #accountName(typed: string): string | undefined {
    if (foldedName(typed) === broadcasterName) return broadcasterName;
    return this.#deps.moderators.find(typed)?.id;
  }

  #hashOf(name: string | undefined): string | undefined {
    const { broadcaster, moderators } = this.#deps;
    if (name === broadcasterName) return broadcaster.passwordHash;
    return name === undefined ? undefined : moderators.find(name)?.passwordHash;
  }
}

function sourcesOf({ sessionId, circuit }: Session): string[] {
  const session = `session ${sessionHash(sessionId)}`;
  return circuit === undefined ? [session] : [session, `circuit ${circuit}`];
}
