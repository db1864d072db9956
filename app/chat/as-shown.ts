import { isMember } from '../people/access.ts';
import type { Person } from '../people/person.ts';
import type { Modes } from './modes.ts';

/** A person as everybody is told of them. */
export type AsShown = (person: Person) => Person;

/**
 * Without the name they chose for as long as they could write nothing else: where the first message costs a captcha, a
 * name must not be the message that costs none.
 */
export function createAsShown({ modes }: { modes: Pick<Modes, 'state'> }): AsShown {
  return person => {
    const { captchaBeforeFirst, captchaEveryMessage } = modes.state;
    const isKnown = person.captchaPassedAtMs !== undefined || person.wroteAtMs !== undefined;
    const mayBeNamed = isKnown || person.role !== 'viewer' || isMember(person);
    return mayBeNamed || !(captchaBeforeFirst || captchaEveryMessage)
      ? person
      : { ...person, name: undefined };
  };
}
