import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatConfig } from '../../app/chat/config.ts';
import { Modes, type ModesState } from '../../app/chat/modes.ts';
import type { SettingStore } from '../../app/chat/store.ts';
import { type Log, silentLog } from '../../app/lib/log.ts';
import { openStore } from '../../app/store/store.ts';

const openModes = (store: SettingStore, slowModeS = 0, nowMs = 1000, log: Log = silentLog) =>
  new Modes({ store, now: () => nowMs, log }, chatConfig.parse({ slowModeS }));

test('what is set holds, is told and outlives a restart; the rest follows the config', () => {
  const { settings } = openStore({ kind: 'memory' });
  const modes = openModes(settings);
  const told: ModesState[] = [];
  modes.changes.subscribe(state => told.push(state));
  modes.set({ closed: true, newcomersWaitMinutes: 5 });
  assert.equal(told.length, 1);
  const restarted = openModes(settings, 7);
  assert.deepEqual(restarted.state, { ...modes.state, slowModeS: 7 });
  assert.equal(restarted.state.closed, true);
});

test('the state before is returned, and setting it undoes the change', () => {
  const { settings } = openStore({ kind: 'memory' });
  const modes = openModes(settings, 3);
  const before = modes.set({ slowModeS: 60, holdBack: 'everyone', membersOnly: true, tripcodesOnly: true });
  modes.set(before);
  assert.deepEqual(modes.state, before);
  assert.equal(openModes(settings, 4).state.slowModeS, 4, 'nothing of it is left in the store');
});

test('setting what is set already tells nobody', () => {
  const modes = openModes(openStore({ kind: 'memory' }).settings);
  modes.changes.subscribe(() => assert.fail('told'));
  modes.set({ closed: false, slowModeS: 0 });
});

test('values out of range are refused and change nothing', () => {
  const modes = openModes(openStore({ kind: 'memory' }).settings);
  const before = modes.state;
  for (const slowModeS of [-1, 3601, Number.NaN]) assert.throws(() => modes.set({ slowModeS }));
  assert.equal(modes.state, before);
});

test('since when each message needs a captcha is kept over a restart and begins anew when set again', () => {
  const { settings } = openStore({ kind: 'memory' });
  const modes = openModes(settings, 0, 1000);
  assert.equal(modes.captchaEveryMessageSinceMs, undefined);
  modes.set({ captchaEveryMessage: true });
  assert.equal(modes.captchaEveryMessageSinceMs, 1000);
  const restarted = openModes(settings, 0, 2000);
  assert.equal(restarted.captchaEveryMessageSinceMs, 1000);
  restarted.set({ closed: true });
  assert.equal(restarted.captchaEveryMessageSinceMs, 1000);
  restarted.set({ captchaEveryMessage: false });
  assert.equal(restarted.captchaEveryMessageSinceMs, undefined);
  restarted.set({ captchaEveryMessage: true });
  assert.equal(restarted.captchaEveryMessageSinceMs, 2000);
});

test('saved modes that make no sense are reported and passed over', () => {
  for (const json of ['{', 'null', '{"changes":{"closed":"very"}}', '{"changes":{"haunted":true}}']) {
    const { settings } = openStore({ kind: 'memory' });
    settings.set('chat-modes', json);
    const warnings: string[] = [];
    const modes = openModes(settings, 5, 0, { ...silentLog, warn: sentence => warnings.push(sentence) });
    assert.equal(modes.state.slowModeS, 5);
    assert.equal(warnings.length, 1, json);
  }
});
