import { z } from 'zod';
import type { Modes, ModesState } from '../../chat/modes.ts';
import type { ActionLog } from '../action-log.ts';
import { type Command, type CommandResult, command } from '../command.ts';
import { parseDuration } from '../duration.ts';
import type { Raid } from '../raid.ts';
import type { Actor } from '../staff.ts';
import { someModes } from '../undo.ts';

export type ModesDeps = { modes: Modes; raid: Raid; log: ActionLog };

const group = 'Modes';
const words = [{ field: 'value', kind: 'word' }] as const;

const isOn = z.enum(['on', 'off'], { error: 'on or off is wanted' }).transform(value => value === 'on');

/** `30`, `30s`, `5m`, `off` → the number of units, 0 for off. */
function amount(unitMs: number, max: number, wanted: string) {
  return z.string({ error: `${wanted} or off is wanted` }).transform((text, context) => {
    const typed = text.trim().toLowerCase();
    if (typed === 'off') return 0;
    const ms = /^\d{1,6}$/.test(typed) ? Number(typed) * unitMs : parseDuration(typed);
    const units = Math.ceil((ms ?? Number.POSITIVE_INFINITY) / unitMs);
    if (units <= max) return units;
    context.addIssue({ code: 'custom', message: `${wanted} from 0 to ${max} or off is wanted` });
    return z.NEVER;
  });
}

export function modesCommands({ modes, raid, log }: ModesDeps): Command[] {
  const set = (
    change: Partial<ModesState>,
    actor: Actor,
    action: string,
    sentence: string,
  ): CommandResult => {
    const before = modes.set(change);
    const data = { ...modes.state };
    if (before === modes.state) return { sentence: `${sentence} It was so already.`, data };
    const names = Object.keys(change);
    const earlier = Object.entries(before).filter(([name]) => names.includes(name));
    const undo = { type: 'modes', modes: someModes.parse(Object.fromEntries(earlier)) } as const;
    return { sentence, data, logged: log.record({ actor, action, target: sentence, undo }) };
  };

  const onOff = (name: string, help: string, change: (on: boolean) => Partial<ModesState>, what: string) =>
    command({
      name,
      usage: `${name} on|off`,
      help,
      group,
      who: 'broadcaster',
      words,
      input: z.object({ value: isOn }),
      run: ({ value }, actor) => set(change(value), actor, name, `${what} is ${value ? 'on' : 'off'}.`),
    });

  return [
    command({
      name: 'slow',
      usage: 'slow SECONDS|off',
      help: 'Slow mode: so long must lie between two messages of one person.',
      group,
      who: 'broadcaster',
      words,
      input: z.object({ value: amount(1000, 3600, 'a number of seconds') }),
      run({ value }, actor) {
        const sentence = value === 0 ? 'Slow mode is off.' : `Slow mode is on: ${value} seconds.`;
        return set({ slowModeS: value }, actor, 'slow', sentence);
      },
    }),
    command({
      name: 'captcha',
      usage: 'captcha every|first|off',
      help: 'Asks for a captcha before every message, before the first, or not (but after floods).',
      group,
      who: 'broadcaster',
      words,
      input: z.object({
        value: z.enum(['every', 'first', 'off'], { error: 'every, first or off is wanted' }),
      }),
      run({ value }, actor) {
        const change = { captchaEveryMessage: value === 'every', captchaBeforeFirst: value !== 'off' };
        const when = { every: 'every message', first: 'the first message', off: 'no message' }[value];
        return set(change, actor, 'captcha', `A captcha is asked for before ${when}.`);
      },
    }),
    onOff(
      'tripcodes-only',
      'Only people with a tripcode may write.',
      tripcodesOnly => ({ tripcodesOnly }),
      'Tripcodes only',
    ),
    onOff('members-only', 'Only members may write.', membersOnly => ({ membersOnly }), 'Members only'),
    onOff(
      'closed',
      'Closes the chat: only broadcaster and moderators write.',
      closed => ({ closed }),
      'Closing the chat',
    ),
    command({
      name: 'newcomers',
      usage: 'newcomers MINUTES|off',
      help: 'People seen for the first time must wait so long before they may write.',
      group,
      who: 'broadcaster',
      words,
      input: z.object({ value: amount(60_000, 1440, 'a number of minutes') }),
      run({ value }, actor) {
        const sentence = value === 0 ? 'Newcomers may write at once.' : `Newcomers wait ${value} minutes.`;
        return set({ newcomersWaitMinutes: value }, actor, 'newcomers', sentence);
      },
    }),
    command({
      name: 'hold',
      usage: 'hold off|newcomers|everyone',
      help: 'Holds messages back until a moderator approves them; newcomers: those without a message in the chat.',
      group,
      who: 'broadcaster',
      words,
      input: z.object({
        value: z.enum(['off', 'newcomers', 'everyone'], { error: 'off, newcomers or everyone is wanted' }),
      }),
      run({ value }, actor) {
        const whose = { off: 'of nobody', newcomers: 'of newcomers', everyone: 'of everyone' }[value];
        return set({ holdBack: value }, actor, 'hold', `Messages ${whose} are held back.`);
      },
    }),
    command({
      name: 'raid',
      usage: 'raid on|off',
      help: 'Under attack: slow mode, waiting newcomers and held messages in one; off puts back what was before.',
      group,
      who: 'broadcaster',
      words,
      input: z.object({ value: isOn }),
      run({ value: on }, actor) {
        const sentence = on ? 'Raid mode is on.' : 'Raid mode is off; all is as it was before.';
        const changed = raid.switch(on);
        const data = { ...modes.state, raid: raid.isOn };
        if (!changed) return { sentence: `Raid mode was ${on ? 'on' : 'off'} already.`, data };
        const undo = { type: 'raid', on: !on } as const;
        return { sentence, data, logged: log.record({ actor, action: 'raid', target: sentence, undo }) };
      },
    }),
  ];
}
