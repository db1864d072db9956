import type { ModesState } from '../../chat/modes.ts';

/** One switch of the room, as the desk shows it. */
export type Switch = Readonly<{
  command: string;
  label: string;
  hint: string;
  /** How it is now, in words. */
  state: string;
  isOn: boolean;
  /** A number to set: undefined for those that only have choices. */
  amount: { unit: string; value: number; max: number } | undefined;
  choices: readonly { value: string; label: string; state: string; isCurrent: boolean }[];
}>;

const suggestedSlowS = 15;
const suggestedWaitMinutes = 10;

export function switchesOf(modes: ModesState, isRaid: boolean): Switch[] {
  const { slowModeS, captchaEveryMessage, captchaBeforeFirst, tripcodesOnly, membersOnly, closed } = modes;
  const { newcomersWaitMinutes, holdBack } = modes;
  const captcha = captchaEveryMessage ? 'every' : captchaBeforeFirst ? 'first' : 'off';
  return [
    onOff('raid', 'Raid mode', 'Several of these at once; off puts back what was before', isRaid),
    amount('slow', 'Slow mode', 'Between two messages of one person', {
      unit: 'seconds',
      now: slowModeS,
      suggested: suggestedSlowS,
      max: 3600,
    }),
    amount('newcomers', 'New visitors wait', 'Before they may write', {
      unit: 'minutes',
      now: newcomersWaitMinutes,
      suggested: suggestedWaitMinutes,
      max: 1440,
    }),
    choice('hold', 'Hold messages', 'Until somebody approves', holdBack, [
      ['newcomers', 'New', 'new people’s'],
      ['everyone', 'All', 'everyone’s'],
    ]),
    {
      ...choice('captcha', 'Captcha', 'Before somebody writes', captcha, [
        ['first', 'First', 'before the first message'],
        ['every', 'Every', 'before every message'],
      ]),
      // Before the first message is how it is in peace.
      isOn: captcha === 'every',
    },
    onOff('tripcodes-only', 'Tripcodes only', 'Nobody else may write', tripcodesOnly),
    onOff('members-only', 'Members only', 'Nobody else may write', membersOnly),
    onOff('closed', 'Chat closed', 'Only broadcaster and moderators write', closed),
  ];
}

function choice(
  command: string,
  label: string,
  hint: string,
  current: string,
  others: readonly (readonly [value: string, label: string, state: string])[],
): Switch {
  const all = [['off', 'Off', 'off'] as const, ...others];
  const choices = all.map(([value, text, state]) => ({
    value,
    label: text,
    state,
    isCurrent: value === current,
  }));
  const state = choices.find(({ isCurrent }) => isCurrent)?.state ?? current;
  return { command, label, hint, state, isOn: current !== 'off', amount: undefined, choices };
}

function onOff(command: string, label: string, hint: string, isOn: boolean): Switch {
  return choice(command, label, hint, isOn ? 'on' : 'off', [['on', 'On', 'on']]);
}

function amount(
  command: string,
  label: string,
  hint: string,
  { unit, now, suggested, max }: { unit: string; now: number; suggested: number; max: number },
): Switch {
  return {
    command,
    label,
    hint,
    state: now === 0 ? 'off' : `${now} ${unit}`,
    isOn: now > 0,
    amount: { unit, value: now || suggested, max },
    choices: [],
  };
}
