import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { ModerationStores } from '../../app/moderation/moderation.ts';
import { moderationRowsKept } from '../../app/store/moderation-log.ts';
import { steps } from '../../app/store/schema.ts';
import { openStore } from '../../app/store/store.ts';

const filter = {
  kind: 'regex',
  pattern: "it's '); DROP TABLE filters; --",
  action: 'mute',
  forMs: 60_000,
  by: 'broadcaster',
  atMs: 5,
  suspendedAtMs: null,
} as const;

/** A database in a file, opened as often as `body` asks. */
async function inFile(
  body: (open: () => ModerationStores & { close(): void }, path: string) => void,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'stores-'));
  const path = join(folder, 'chat.db');
  try {
    body(() => openStore({ kind: 'sqlite', path }), path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('moderators, log-ins and filters come back as they were given, also after closing', () =>
  inFile(open => {
    const first = open();
    const eve = { id: 'Eve', passwordHash: 'scrypt$15$8$1$a$b', by: 'broadcaster', createdAtMs: 2 };
    first.moderators.save(eve);
    first.moderators.save({ ...eve, id: 'Adam', createdAtMs: 1 });
    first.moderators.save({ ...eve, passwordHash: 'another' });
    const login = { id: 'hash', name: 'Eve', personId: 'p', createdAtMs: 3, seenAtMs: 4 };
    first.logins.save(login);
    first.logins.save({ ...login, id: 'gone' });
    first.logins.delete(['gone', 'never there']);
    const id = first.filters.add(filter);
    first.filters.save({ ...filter, id, suspendedAtMs: 9 });
    first.close();
    const { moderators, logins, filters, close } = open();
    assert.deepEqual(
      moderators.all().map(row => [row.id, row.passwordHash]),
      [
        ['Adam', 'scrypt$15$8$1$a$b'],
        ['Eve', 'another'],
      ],
    );
    assert.deepEqual(logins.all(), [login]);
    assert.deepEqual(filters.all(), [{ ...filter, id, suspendedAtMs: 9 }]);
    moderators.delete(['Adam']);
    filters.delete(id);
    assert.equal(moderators.all().length, 1);
    assert.ok(filters.add(filter) > id, 'an id is never given twice');
    close();
  }));

test('whose rows of the log are forgotten goes by all of them, also those from before a restart', () =>
  inFile(open => {
    const deed = { atMs: 1, action: 'hide', target: '12', undo: null, undoes: null };
    const first = open();
    const oldest = first.moderationLog.append({ ...deed, by: 'broadcaster' });
    for (let index = 1; index < moderationRowsKept; index++)
      first.moderationLog.append({ ...deed, by: 'Mal' });
    first.close();
    const { moderationLog, close } = open();
    moderationLog.append({ ...deed, by: 'Eve' });
    moderationLog.append({ ...deed, by: 'Eve' });
    assert.ok(moderationLog.find(oldest));
    assert.equal(moderationLog.recent(2 * moderationRowsKept).length, moderationRowsKept);
    close();
  }));

test('members are those with a date of joining, in that order', () => {
  const { persons, close } = openStore({ kind: 'memory' });
  const person = {
    id: 'a',
    name: null,
    colour: null,
    tripcode: null,
    tripcodeKind: null,
    tripcodeForeground: null,
    tripcodeBackground: null,
    role: 'viewer',
    memberSinceMs: null,
    captchaPassedAtMs: null,
    wroteAtMs: null,
    createdAtMs: 1,
    seenAtMs: 1,
  } as const;
  persons.save([person, { ...person, id: 'b', memberSinceMs: 9 }, { ...person, id: 'c', memberSinceMs: 3 }]);
  assert.deepEqual(
    persons.members().map(({ id }) => id),
    ['c', 'b'],
  );
  close();
});

test('a database from before there were moderators is brought up to date and keeps what it holds', () =>
  inFile((open, path) => {
    const database = new DatabaseSync(path);
    database.exec(`${steps[0]} PRAGMA application_id = 0x6f6e696f; PRAGMA user_version = 1;
      INSERT INTO settings VALUES ('board', '{"description":"old"}');`);
    database.close();
    const { moderators, settings, close } = open();
    assert.deepEqual(moderators.all(), []);
    assert.equal(settings.get('board'), '{"description":"old"}');
    close();
  }));
