import { execFileSync } from 'node:child_process';
import type { Display } from './desktop.ts';

/**
 * Gives the keyboard to the one Firefox window of a display, and in it to the page, which is clicked at its left. No
 * window manager does it there, and without it a button does not take Enter.
 */
export function giveFocus({ env }: Pick<Display, 'env'>): void {
  const xdotool = (...args: string[]): string =>
    execFileSync('xdotool', args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  const windows = xdotool('search', '--sync', '--onlyvisible', '--class', 'firefox').trim().split('\n');
  for (const window of windows) {
    // Some of them are no windows of their own.
    try {
      xdotool('windowfocus', window);
    } catch {}
  }
  xdotool('mousemove', '300', '400', 'click', '1');
}
