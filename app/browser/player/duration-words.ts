/** `1:05`, or `1:02:03`. */
export function clockOf(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole)}` : `${minutes}:${two(whole)}`;
}

/** `1 minute 5 seconds`. */
export function wordsOf(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const counted = (count: number, unit: string): string[] =>
    count === 0 ? [] : [`${count} ${unit}${count === 1 ? '' : 's'}`];
  const words = [...counted(Math.floor(whole / 60), 'minute'), ...counted(whole % 60, 'second')];
  return words.join(' ') || '0 seconds';
}
