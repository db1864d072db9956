import { createHash, randomBytes } from 'node:crypto';
import { Failure } from '../lib/failure.ts';
import type { InvitationRow, InvitationStore } from './store.ts';

export type Invitation = Readonly<InvitationRow>;
export type InvitationOrder = Pick<Invitation, 'grants' | 'note' | 'by' | 'expiresAtMs'>;

/** One-use tokens that make someone a member or a moderator; who redeems one gets the right from the caller. */
export class Invitations {
  readonly #store: InvitationStore;
  readonly #now: () => number;
  readonly #max: number;
  readonly #byId = new Map<string, Invitation>();
  readonly #byHash = new Map<string, Invitation>();

  constructor(
    { store, now }: { store: InvitationStore; now: () => number },
    { maxInvitations }: { maxInvitations: number },
  ) {
    this.#store = store;
    this.#now = now;
    this.#max = maxInvitations;
    for (const row of store.all()) this.#hold(row);
  }

  /** `token`: 128 bits as 22 characters of base64url, to be shown once. Throws Failure `invitations-full`. */
  create(order: InvitationOrder): { invitation: Invitation; token: string } {
    if (this.#byId.size >= this.#max) {
      throw new Failure(
        'invitations-full',
        `There are ${this.#byId.size} invitations already. Revoke some that are no longer needed.`,
        { max: this.#max },
      );
    }
    const token = randomBytes(16).toString('base64url');
    const invitation: Invitation = {
      id: randomBytes(8).toString('hex'),
      tokenHash: hashOf(token),
      grants: order.grants,
      note: order.note,
      by: order.by,
      createdAtMs: this.#now(),
      expiresAtMs: order.expiresAtMs,
      redeemedAtMs: null,
      redeemedBy: null,
    };
    this.#store.save(invitation);
    this.#hold(invitation);
    return { invitation, token };
  }

  /** All of them, used and expired ones too, oldest first. */
  list(): Invitation[] {
    return [...this.#byId.values()];
  }

  /**
   * The invitation of this token, if this person, or anyone new, may still redeem it. Throws Failure
   * `invitation-unknown`, `invitation-used` or `invitation-expired`.
   */
  check(token: string, personId?: string): Invitation {
    const invitation = this.#byHash.get(hashOf(token));
    if (invitation === undefined) {
      throw new Failure('invitation-unknown', 'This invitation is not valid. Ask for a new one.');
    }
    if (invitation.redeemedBy !== null) {
      if (invitation.redeemedBy === personId) return invitation;
      throw new Failure('invitation-used', 'This invitation has been used already. Ask for a new one.');
    }
    if (invitation.expiresAtMs !== null && invitation.expiresAtMs <= this.#now()) {
      throw new Failure('invitation-expired', 'This invitation has expired. Ask for a new one.');
    }
    return invitation;
  }

  /**
   * Uses the invitation up for this person; the same person may redeem it again, which changes nothing. Throws like
   * `check`.
   */
  redeem(token: string, personId: string): Invitation {
    const invitation = this.check(token, personId);
    if (invitation.redeemedBy !== null) return invitation;
    const redeemed: Invitation = { ...invitation, redeemedAtMs: this.#now(), redeemedBy: personId };
    this.#store.save(redeemed);
    this.#hold(redeemed);
    return redeemed;
  }

  /** Its token is void from now on; the right of who redeemed it is the caller's to take. Throws `invitation-unknown`. */
  revoke(id: string): Invitation {
    const invitation = this.#byId.get(id);
    if (invitation === undefined) {
      throw new Failure('invitation-unknown', `There is no invitation ${id}. Load the list anew.`, { id });
    }
    this.#store.delete([id]);
    this.#byId.delete(id);
    this.#byHash.delete(invitation.tokenHash);
    return invitation;
  }

  #hold(invitation: Invitation): void {
    this.#byId.set(invitation.id, invitation);
    this.#byHash.set(invitation.tokenHash, invitation);
  }
}

// 128 random bits can't be guessed from a fast hash; a slow one would only let strangers burn our CPU.
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
