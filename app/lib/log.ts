/**
 * The log of the process: one line an event, UTC, to standard error. Never an address, token, cookie, password
 * or message text: callers pass facts about the service, not about visitors.
 */
export type Log = {
  info(sentence: string): void;
  warn(sentence: string): void;
  error(sentence: string): void;
};

type Sink = { write(text: string): unknown };

/** `name` says which part of the service speaks (`server`, `tor`, …). */
export function createLog(name: string, sink: Sink = process.stderr): Log {
  const line = (level: string) => (sentence: string) => {
    const flat = sentence.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
    sink.write(`${new Date().toISOString()} ${level} ${name}: ${flat}\n`);
  };
  return { info: line('info'), warn: line('warn'), error: line('error') };
}

/** For tests and for callers that want silence. */
export const silentLog: Log = { info() {}, warn() {}, error() {} };
