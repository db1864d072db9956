import { z } from 'zod';
import type { CommandResult } from '../moderation/command.ts';

/** `{"line":"ban Ada 2h"}`, `{"words":["ban","Ada","2h"]}`, or `{"command":"ban","fields":{"person":"Ada","time":"2h"}}`. */
const jsonRequest = z.union([
  z.strictObject({ line: z.string() }),
  z.strictObject({ words: z.array(z.string()).min(1) }),
  z.strictObject({ command: z.string(), fields: z.record(z.string(), z.unknown()).default({}) }),
]);

export type Request =
  | Readonly<{ type: 'events' }>
  | Readonly<{ type: 'empty' }>
  | Readonly<{ type: 'damaged' }>
  | Readonly<{ type: 'line'; asJson: boolean; words: string | readonly string[] }>
  | Readonly<{ type: 'fields'; asJson: true; command: string; fields: Record<string, unknown> }>;

/** A JSON object gets JSON back, a command in words gets text; `events` is a stream of its own. */
export function parseRequest(line: string): Request {
  const text = line.trim();
  if (text === '') return { type: 'empty' };
  if (text === 'events') return { type: 'events' };
  if (!text.startsWith('{')) return { type: 'line', asJson: false, words: text };
  const request = jsonRequest.safeParse(parseJson(text));
  if (!request.success) return { type: 'damaged' };
  if ('line' in request.data) return { type: 'line', asJson: true, words: request.data.line };
  if ('words' in request.data) return { type: 'line', asJson: true, words: request.data.words };
  return { type: 'fields', asJson: true, ...request.data };
}

/** What a JSON request is answered with. */
export type Answer =
  | ({ ok: true } & CommandResult)
  | Readonly<{ ok: false; code: string; sentence: string; facts?: Readonly<Record<string, unknown>> }>;

/**
 * The same as text: the sentence, its lines, and then `.` alone on a line, or `! CODE` when it was refused. A line
 * that begins with either is told with a space before it.
 */
export function answerText(answer: Answer): string {
  const told = [answer.sentence, ...(answer.ok ? (answer.lines ?? []) : [])].flatMap(text =>
    text.split('\n'),
  );
  const end = answer.ok ? '.' : `! ${answer.code}`;
  return [...told.map(line => line.replace(/^[.!]/, ' $&')), end, ''].join('\n');
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
