/**
 * config.json → Config. Each module owns the schema of its slice; this file only joins them and reports every
 * problem of the file at once, with the path of the value and the value itself.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { captureConfig } from './capture/config.ts';
import { chatConfig } from './chat/config.ts';
import { deliveryConfig } from './delivery/config.ts';
import { Failure, sentenceOf } from './lib/failure.ts';
import { liveConfig } from './live/config.ts';
import { moderationConfig } from './moderation/config.ts';
import { captchaConfig } from './people/captcha/config.ts';
import { peopleConfig } from './people/config.ts';
import { storageConfig } from './store/config.ts';
import { torConfig } from './tor/config.ts';
import { webConfig } from './web/config.ts';

const configSchema = z.strictObject({
  capture: captureConfig,
  live: liveConfig,
  delivery: deliveryConfig,
  people: peopleConfig,
  captcha: captchaConfig,
  chat: chatConfig,
  moderation: moderationConfig,
  storage: storageConfig,
  web: webConfig,
  tor: torConfig,
});

export type Config = z.infer<typeof configSchema>;

/** A Config from parsed JSON; throws Failure `config-invalid` naming every wrong value. */
export function parseConfig(json: unknown, name = 'config'): Config {
  const parsed = configSchema.safeParse(json, { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap(problemsOf);
  throw new Failure(
    'config-invalid',
    `${name} has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`,
    {
      problems,
    },
  );
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => `${where && `${where}.`}${key}: there is no such setting`);
  }
  // A whole section may hold the password, which is repeated nowhere.
  const isShown = !(typeof issue.input === 'object' && issue.input) && !where.endsWith('Password');
  const got = isShown && issue.input !== undefined ? ` (got ${JSON.stringify(issue.input)})` : '';
  return [`${where || '(the whole file)'}: ${issue.message}${got}`];
}

/** Without the piece of the file that JSON.parse repeats, in which the password may stand. */
function whatIsWrong(error: unknown): string {
  return sentenceOf(error).replace(/, (\.\.\.)?".*"(\.\.\.)? is not valid JSON/s, '');
}

/** Reads and parses the file; throws Failure `config-unreadable` or `config-invalid`. */
export async function loadConfig(path: string): Promise<Config> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Failure(
      'config-unreadable',
      `${path} can't be read as JSON: ${whatIsWrong(error)}. Mend it, or copy config.json from the project.`,
      { path },
      { cause: error },
    );
  }
  return parseConfig(json, path);
}
