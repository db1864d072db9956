import type { Accounts, Session } from './accounts.ts';
import type { ActionLog } from './action-log.ts';

export type PasswordChange = { oldPassword: string; newPassword: string };

/**
 * A new password of one's own. No command, though it is logged like one: a password belongs in no line that may end up
 * in the chat. Throws like `Accounts.changePassword`.
 */
export function createOwnPassword({ accounts, log }: { accounts: Accounts; log: ActionLog }) {
  return async (session: Session, change: PasswordChange): Promise<{ sentence: string }> => {
    const staff = await accounts.changePassword(session, change);
    log.record({ actor: staff, action: 'password', target: `the account ${staff.name}` });
    return { sentence: 'Your password is changed. Your log-ins elsewhere have ended.' };
  };
}
