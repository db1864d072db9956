/** config.json as a whole: what is said of a wrong one, and that docs/settings.md tells what there is. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig, parseConfig } from '../app/config.ts';
import { startTestServer } from './kit/server.ts';

const root = resolve(import.meta.dirname, '..');

function complaint(json: unknown): string {
  try {
    parseConfig(json);
  } catch (error) {
    return String(error);
  }
  return '';
}

/** Every value that is no section, by its path. */
function leavesOf(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, each]) => leavesOf(each, path ? `${path}.${name}` : name));
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

  it('that is no JSON is told without the place of the file that the parser shows', async () => {
    const path = join(tmpdir(), `config-${randomUUID()}.json`);
    try {
      await writeFile(path, '{"people":{"broadcasterPassword": correct horse}}');
      await assert.rejects(loadConfig(path), ({ message }: Error) => {
        assert.match(message, /can't be read as JSON: Unexpected token 'c'\. Mend it/);
        return true;
      });
    } finally {
      await rm(path, { force: true });
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

describe('docs/settings.md', () => {
  it('has every setting with its default, and no other', async () => {
    const text = await readFile(resolve(root, 'docs/settings.md'), 'utf8');
    const section = /^## `(\w+)`/;
    const told = new Map<string, string>();
    let at = '';
    for (const line of text.split('\n')) {
      at = section.exec(line)?.[1] ?? at;
      const [, names = '', value = ''] = /^\| (`.+?`) \| (.*?) \|/.exec(line) ?? [];
      const defaults = [...value.matchAll(/`([^`]+)`/g)].map(([, each = '']) => each);
      for (const [index, [, name = '']] of [...names.matchAll(/`([^`]+)`/g)].entries()) {
        told.set(name === at ? name : `${at}.${name}`, defaults[index] ?? '');
      }
    }
    const { capture, ...rest } = parseConfig({});
    const real = new Map(leavesOf(rest, ''));
    assert.ok(capture && told.delete('people.broadcasterPassword'));
    assert.deepEqual([...told.keys()].sort(), [...real.keys()].sort());
    for (const [path, value] of real) assert.equal(told.get(path), value, path);
  });
});
