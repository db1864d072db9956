import type { Progress } from './progress.ts';

export type Status = {
  uptimeMs: number;
  progress: Progress;
  kbps: number | undefined;
  /** Undefined when no server tells. */
  viewers: number | undefined;
};

/** `live 1:02:03 · 30 fps · 462 kbit/s · 0 dropped · 1.00x · 12 viewers` */
export function statusText({ uptimeMs, progress, kbps, viewers }: Status): string {
  const { fps, droppedFrames, speed } = progress;
  return [
    `live ${uptime(uptimeMs)}`,
    `${Math.round(fps)} fps`,
    ...(kbps === undefined ? [] : [`${Math.round(kbps)} kbit/s`]),
    `${droppedFrames} dropped`,
    ...(speed === undefined ? [] : [`${speed.toFixed(2)}x`]),
    ...(viewers === undefined ? [] : [viewers === 1 ? '1 viewer' : `${viewers} viewers`]),
  ].join(' · ');
}

function uptime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** The part of a terminal that a status line needs. */
export type Terminal = { isTTY?: boolean; columns?: number; write(text: string): unknown };

const plainEveryMs = 10_000;

/** One line that stays at the bottom of a terminal; elsewhere a plain line every 10 s. Other lines go above it. */
export class StatusLine {
  readonly #terminal: Terminal;
  #shown = '';
  #plainAtMs = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  update(text: string): void {
    if (!this.#terminal.isTTY) {
      const nowMs = performance.now();
      if (nowMs - this.#plainAtMs < plainEveryMs) return;
      this.#plainAtMs = nowMs;
      this.#terminal.write(`${text}\n`);
      return;
    }
    // 0 columns: a terminal that does not know. The last one stays free, since some wrap when it is written.
    this.#shown = text.slice(0, (this.#terminal.columns || 80) - 1);
    this.#terminal.write(`\r\u001b[2K${this.#shown}`);
  }

  /** A line that stays; the status goes on below it. */
  note(line: string): void {
    const clear = this.#shown === '' ? '' : '\r\u001b[2K';
    this.#terminal.write(`${clear}${line}\n${this.#shown}`);
  }

  /** Leaves the cursor on a line of its own. */
  close(): void {
    if (this.#shown !== '') this.#terminal.write('\n');
    this.#shown = '';
  }
}
