import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { breaches } from './kit/architecture.ts';

test('the program keeps to its architecture', () => {
  const root = resolve(import.meta.dirname, '..');
  assert.deepEqual(breaches(root, ['tsconfig.json', 'app/browser/tsconfig.json']), []);
});

const cases: readonly { rule: string; files: Readonly<Record<string, string>>; breach?: string }[] = [
  {
    rule: 'a later place may import an earlier one, also types',
    files: {
      'web/a.ts': `import type { b } from '../live/b.ts'; export type A = b`,
      'live/b.ts': 'export type b = 1',
    },
  },
  {
    rule: 'an earlier place may not import a later one',
    files: {
      'live/a.ts': `export { b } from '../web/b.ts'; export const a = 1`,
      'web/b.ts': 'export const b = 1',
    },
    breach: 'live/a.ts: live may not import web/b.ts',
  },
  {
    rule: 'a type is an import too',
    files: {
      'lib/a.ts': `import type { b } from '../live/b.ts'; export type A = b`,
      'live/b.ts': 'export type b = 1',
    },
    breach: 'lib/a.ts: lib may not import live/b.ts',
  },
  {
    rule: 'siblings may not import each other',
    files: { 'tor/a.ts': `await import('../people/b.ts')`, 'people/b.ts': 'export const b = 1' },
    breach: 'tor/a.ts: tor may not import people/b.ts',
  },
  {
    rule: 'a type written as an import is one',
    files: { 'tor/a.ts': `export type A = import('../people/b.ts').B`, 'people/b.ts': 'export type B = 1' },
    breach: 'tor/a.ts: tor may not import people/b.ts',
  },
  {
    rule: 'config.ts may import the slice of a module',
    files: {
      'config.ts': `export { b as c } from './live/config.ts'; export const a = 1`,
      'live/config.ts': 'export const b = 1',
    },
  },
  {
    rule: 'config.ts may not import more of a module',
    files: {
      'config.ts': `import { b } from './live/b.ts'; export const a = b`,
      'live/b.ts': 'export const b = 1',
    },
    breach: 'config.ts: of live/ it may import config.ts only, not live/b.ts',
  },
  {
    rule: 'a new folder needs a place',
    files: { 'utils/a.ts': 'export const a = 1' },
    breach: 'utils/a.ts: utils has no place in the table of tests/kit/architecture.ts',
  },
  {
    rule: 'nothing outside app/ is imported',
    files: { 'lib/a.ts': `import { t } from '../../tests/t.ts'; export const a = t` },
    breach: 'lib/a.ts: ../../tests/t.ts lies outside app/',
  },
  {
    rule: 'nothing imports the browser',
    files: {
      'web/a.ts': `import { b } from '../browser/b.ts'; export const a = b`,
      'browser/b.ts': 'export const b = 1',
    },
    breach: 'web/a.ts: web may not import browser/b.ts',
  },
  {
    rule: 'the browser imports nothing of the server',
    files: {
      'browser/a.ts': `import type { b } from '../lib/b.ts'; export type A = b`,
      'lib/b.ts': 'export type b = 1',
    },
    breach: 'browser/a.ts: browser may not import lib/b.ts',
  },
  {
    rule: 'a package stays in its place',
    files: { 'live/a.ts': `import express from 'express'; export const a = express` },
    breach: 'live/a.ts: express belongs in web',
  },
  {
    rule: 'a new package needs a place',
    files: { 'live/a.ts': `import lodash from 'lodash/fp'; export const a = lodash` },
    breach: 'live/a.ts: lodash/fp has no place in the table of tests/kit/architecture.ts',
  },
  {
    rule: 'a package of one file is imported by one',
    files: { 'tor/a.ts': `import 'execa'`, 'tor/b.ts': `import 'execa'`, 'capture/c.ts': `import 'execa'` },
    breach: 'execa is imported by tor/a.ts, tor/b.ts; one file of tor/ may',
  },
  {
    rule: 'a package of one file may give its types to others',
    files: {
      'web/a.ts': `import 'ws'`,
      'web/b.ts': `import type { WebSocket } from 'ws'; export type B = WebSocket`,
    },
  },
  {
    rule: 'SQLite stays in store',
    files: { 'chat/a.ts': `import { DatabaseSync } from 'node:sqlite'; export const a = DatabaseSync` },
    breach: 'chat/a.ts: node:sqlite belongs in store and capture',
  },
  {
    rule: 'no module-level let',
    files: { 'lib/a.ts': 'let a = 1; export const next = () => a++' },
    breach: 'lib/a.ts: module-level a is let or var',
  },
  {
    rule: 'no module-level Map',
    files: { 'lib/a.ts': 'export const a = new Map<string, string>()' },
    breach: 'lib/a.ts: module-level a is a mutable collection',
  },
  {
    rule: 'no module-level array to push to',
    files: { 'lib/a.ts': 'export const a: string[] = []' },
    breach: 'lib/a.ts: module-level a is a mutable collection',
  },
  {
    rule: 'no static field that changes',
    files: { 'lib/a.ts': 'export class A { static count = 0 }' },
    breach: 'lib/a.ts: static field count is not readonly',
  },
  {
    rule: 'tables and state with an owner are no shared state',
    files: {
      'lib/a.ts': `export const words: ReadonlySet<string> = new Set(['a']);
        export const rows = ['a', 'b'];
        export class A { readonly #held = new Map<string, string>(); static readonly limit = 1;
          count(): number { let n = 0; for (const _ of this.#held) n++; return n } }`,
    },
  },
  { rule: 'no any', files: { 'lib/a.ts': 'export const a = (b: any) => b' }, breach: 'lib/a.ts: any' },
  { rule: 'no index.ts', files: { 'lib/index.ts': 'export const a = 1' }, breach: 'lib/index.ts: a barrel' },
  {
    rule: 'no file that only hands on',
    files: { 'lib/all.ts': `export * from './a.ts'`, 'lib/a.ts': 'export const a = 1' },
    breach: 'lib/all.ts: a barrel',
  },
];

for (const { rule, files, breach } of cases) {
  test(`architecture: ${rule}`, async t => {
    const root = await mkdtemp(join(tmpdir(), 'architecture-'));
    t.after(() => rm(root, { recursive: true }));
    const tsconfig = { compilerOptions: { module: 'nodenext', noEmit: true, types: [] }, include: ['app'] };
    const all = Object.entries(files).map(([name, text]) => [join('app', name), text] as const);
    for (const [name, text] of [...all, ['tsconfig.json', JSON.stringify(tsconfig)] as const]) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    assert.deepEqual(breaches(root, ['tsconfig.json']), breach === undefined ? [] : [breach]);
  });
}
