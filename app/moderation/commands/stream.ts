import { z } from 'zod';
import { cleanText } from '../../chat/text.ts';
import type { ActionLog } from '../action-log.ts';
import type { Board } from '../board.ts';
import { type Command, command, nothing } from '../command.ts';
import type { Counters } from '../counters.ts';
import { formatDuration } from '../duration.ts';
import { optional } from '../inputs.ts';
import type { StreamDesk } from '../surroundings.ts';

export type StreamDeps = { stream: StreamDesk; board: Board; counters: Counters; log: ActionLog };

const group = 'Stream';
const descriptionLimits = { maxLength: 2000, maxLines: 40 };

export function streamCommands({ stream, board, counters, log }: StreamDeps): Command[] {
  return [
    command({
      name: 'title',
      usage: 'title TEXT',
      help: 'Sets the title of the stream.',
      group,
      who: 'broadcaster',
      words: [{ field: 'text', kind: 'rest' }],
      input: z.object({ text: optional(z.string()) }),
      run({ text = '' }, actor) {
        const before = stream.title;
        const title = stream.setTitle(text);
        const data = { title };
        if (title === before) return { sentence: `The title is “${title}” already.`, data };
        const undo = { type: 'title', text: before } as const;
        const logged = log.record({ actor, action: 'title', target: title, undo });
        return {
          sentence: title === '' ? 'The stream has no title.' : `The title is “${title}”.`,
          data,
          logged,
        };
      },
    }),
    command({
      name: 'description',
      usage: 'description TEXT',
      help: 'Sets the text about the stream; without one it goes away.',
      group,
      who: 'broadcaster',
      words: [{ field: 'text', kind: 'rest' }],
      input: z.object({ text: optional(z.string().max(32_768)) }),
      run({ text = '' }, actor) {
        const description = text.trim() === '' ? '' : cleanText(text, descriptionLimits);
        const before = board.describe(description);
        const sentence = description === '' ? 'There is no description.' : 'The description is set.';
        if (before === description) return { sentence };
        const undo = { type: 'description', text: before } as const;
        return { sentence, logged: log.record({ actor, action: 'description', target: '', undo }) };
      },
    }),
    command({
      name: 'end-stream',
      usage: 'end-stream',
      help: 'Ends the stream; it begins again only where it is sent from.',
      group,
      who: 'broadcaster',
      input: nothing,
      async run(_, actor) {
        if (!(await stream.end())) {
          return { sentence: 'No encoder of ours runs: end the stream in the program that sends it.' };
        }
        const logged = log.record({ actor, action: 'end-stream', target: '' });
        return {
          sentence:
            'The encoder was asked to end the stream. To begin again, run scripts/stream on the machine that it came from, or start it in the program that sent it.',
          logged,
        };
      },
    }),
    command({
      name: 'stats',
      usage: 'stats',
      help: 'Tells how stream and chat are doing.',
      group,
      who: 'moderator',
      input: nothing,
      run() {
        const { state, viewers, uptimeMs, bitrateKbps, partsPerSecond, latencyMs } = stream.status();
        const lately = counters.lastMinute();
        const uptime = uptimeMs === undefined ? '' : ` for ${formatDuration(uptimeMs)}`;
        const refusals = Object.entries(lately.refusals);
        return {
          sentence: `The stream is ${state}${uptime}; ${viewers} watch.`,
          lines: [
            `title: ${stream.title}`,
            `bitrate: ${bitrateKbps === undefined ? 'none' : `${Math.round(bitrateKbps)} kbit/s`}`,
            `parts: ${partsPerSecond.toFixed(1)} a second`,
            `latency of the encoder: ${latencyMs === undefined ? 'unknown' : `${Math.round(latencyMs)} ms`}`,
            `messages: ${lately.messages} in the last minute`,
            `joins: ${lately.joins} in the last minute`,
            `refused: ${refusals.length === 0 ? 'none' : refusals.map(([why, count]) => `${why} ${count}`).join(', ')}`,
          ],
          data: {
            state,
            title: stream.title,
            viewers,
            uptimeMs: uptimeMs ?? null,
            bitrateKbps: bitrateKbps ?? null,
            partsPerSecond,
            latencyMs: latencyMs ?? null,
            lastMinute: lately,
          },
        };
      },
    }),
  ];
}
