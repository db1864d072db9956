/** config.json as a whole: what is said of a wrong one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../app/config.ts';
import { startTestServer } from './kit/server.ts';

function complaint(json: unknown): string {
  try {
    parseConfig(json);
  } catch (error) {
    return String(error);
  }
  return '';
}

describe('A wrong config.json', () => {
  it('is told by the path of the setting, also of one that there is not', () => {
    const told = complaint({ web: { prot: 80, port: 'http' }, titel: 'x' });
    assert.match(told, /3 problem/);
    assert.match(told, /^ {2}web\.prot: there is no such setting$/m);
    assert.match(told, /^ {2}web\.port: .*\(got "http"\)$/m);
    assert.match(told, /^ {2}titel: there is no such setting$/m);
  });

  it('never has its password repeated', () => {
    const password = 'correct horse';
    for (const people of [
      { broadcasterPassword: password, acess: 'open' },
      { broadcasterPasword: password },
      { broadcasterPassword: [password] },
      { broadcasterPassword: 12345678901 },
    ]) {
      const told = complaint({ people });
      assert.match(told, /^ {2}people\.\w+: /m);
      assert.doesNotMatch(told, /horse|12345678901/);
    }
  });

  it('names the password that is too short', async () => {
    const config = { people: { broadcasterPassword: 'hunter2' } };
    await assert.rejects(startTestServer({ config }), ({ message }: Error) => {
      assert.match(message, /^people\.broadcasterPassword: .*7 characters.*at least 10/);
      assert.doesNotMatch(message, /hunter2/);
      return true;
    });
  });
});
