import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TorWarnings } from '../../app/tor/tor-log.ts';

test('a warning of tor is passed on without the relays it names', () => {
  const words =
    'Problem bootstrapping. Stuck at 14% (handshake). (DONE; count 10; host 46DA79FDCCC1BB8AA2D1A6A10A4E59F5A8FB114C~seven at 192.0.2.219:9001, [2001:db8::7]:443)';
  const said = new TorWarnings().take(`Nov 20 07:00:40.909 [warn] ${words}`);
  assert.equal(
    said,
    'Problem bootstrapping. Stuck at 14% (handshake). (DONE; count 10; host (a relay) at (a relay), (a relay))',
  );
});
