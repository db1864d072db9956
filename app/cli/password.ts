import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Failure } from '../lib/failure.ts';

/** Asks for a new password, twice and unseen, on a terminal; elsewhere reads one line from stdin. */
export async function askPassword(question: string): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) return await firstLine();
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    const ask = async (what: string): Promise<string> => {
      process.stderr.write(what);
      const answer = await terminal.question('');
      process.stderr.write('\n');
      return answer;
    };
    const password = await ask(question);
    if (password === (await ask('The same again: '))) return password;
    throw new Failure('password-typo', 'The two are not the same. Nothing was changed.');
  } finally {
    terminal.close();
  }
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
  }
}
