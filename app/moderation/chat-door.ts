import { RecencyMap } from '../chat/recency-map.ts';
import { refusal } from '../chat/refusal.ts';
import type { Speak, SpeakResult, Speech } from '../chat/speak.ts';
import { Failure, sentenceOf } from '../lib/failure.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import type { Accounts } from './accounts.ts';
import type { Circuits } from './circuits.ts';
import type { CommandResult } from './command.ts';
import type { Commands } from './commands.ts';
import type { Counters } from './counters.ts';
import type { Staff } from './staff.ts';

type ChatDoorDeps = {
  speak: Speak;
  commands: Commands;
  accounts: Pick<Accounts, 'staffOfPerson'>;
  people: Pick<People, 'find'>;
  circuits: Circuits;
  counters: Counters;
};

const maxRemembered = 1000;

/**
 * `speak` for web/: what begins with a slash is a command when staff writes it. Like a message that is held back, it
 * comes up in nobody's chat, and its answer is a sentence to who gave it.
 */
export function createChatDoor(deps: ChatDoorDeps): Speak {
  const { speak, commands, accounts, people, circuits, counters } = deps;
  /** Answers by person and nonce: a retry gives no command twice. */
  const answers = new RecencyMap<Promise<SpeakResult>>(maxRemembered);

  const obey = async (line: string, person: Person, staff: Staff): Promise<SpeakResult> => {
    try {
      return {
        ok: true,
        held: true,
        sentence: textOf(await commands.runLine(line, { ...staff, personId: person.id })),
      };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return refusal('command', sentenceOf(error));
    }
  };

  const say = async (speech: Speech): Promise<SpeakResult> => {
    const result = await speak(speech);
    if (!result.ok) counters.refusal(result.reason);
    else if (result.held) counters.held();
    else counters.message();
    return result;
  };

  const take = (speech: Speech): Promise<SpeakResult> => {
    const person = people.find(speech.person.id) ?? speech.person;
    const { text, nonce } = speech.draft;
    const name = /^\/(\S+)/.exec(text)?.[1]?.toLowerCase();
    if (name === undefined) return say(speech);
    const staff = accounts.staffOfPerson(person.id);
    if (!staff) return commands.isFirstWord(name) ? Promise.resolve(notForViewers()) : say(speech);
    const key = nonce === undefined ? undefined : `${person.id} ${nonce}`;
    const earlier = key === undefined ? undefined : answers.get(key);
    if (earlier) return earlier;
    const answer = obey(text, person, staff);
    if (key !== undefined) answers.set(key, answer);
    return answer;
  };

  return speech => {
    circuits.note(speech.person.id, speech.circuit);
    return take(speech);
  };
}

/** The sentence and the lines below it. */
export function textOf({ sentence, lines = [] }: CommandResult): string {
  return [sentence, ...lines].join('\n');
}

function notForViewers(): SpeakResult {
  return refusal('command', 'That is a command for moderators. Log in first, or begin with something else.');
}
