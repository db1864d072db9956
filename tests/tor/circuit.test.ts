/** What waits on a circuit, by what tor tells: against a circuit that is worked out second by second. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Circuit } from '../../app/tor/circuit.ts';
import { toldOf } from '../../app/tor/circuit-traffic.ts';

const stepMs = 200;
const minRttMs = 500;
// What tor lets be on its way before it takes no more from us: its congestion window.
const windowBytes = 180_000;

/** A circuit with a narrow place, and a writer who writes while little waits. */
function runCircuit({ carries, writes, seconds }: { carries: number; writes: number; seconds: number }) {
  let nowMs = 1_000_000;
  const socket = { bytesWritten: 0 };
  const circuit = new Circuit(() => nowMs);
  circuit.enter(socket);
  let [sent, sentBefore, arrived] = [0, 0, 0];
  const sentAt: { bytes: number; atMs: number }[] = [];
  let rttMs = minRttMs;
  const waitedMs: number[] = [];
  let held = false;
  for (let step = 0; step < (seconds * 1000) / stepMs; step += 1) {
    nowMs += stepMs;
    held = held ? circuit.queuedMs > 250 : circuit.queuedMs > 900;
    if (!held) socket.bytesWritten += (writes * stepMs) / 1000;
    arrived = Math.min(sent, arrived + (carries * stepMs) / 1000);
    const taken = Math.min(socket.bytesWritten - sent, windowBytes - (sent - arrived));
    sent += taken;
    sentAt.push({ bytes: sent, atMs: nowMs });
    const acknowledged = sentAt.findLast(({ bytes }) => bytes <= arrived);
    if (acknowledged && sent > arrived) rttMs = minRttMs + nowMs - acknowledged.atMs;
    else if (sent === arrived) rttMs = minRttMs;
    waitedMs.push(((socket.bytesWritten - arrived) / carries) * 1000);
    if (step % 5 !== 4) continue;
    circuit.tell({ sentBytes: sent - sentBefore, readBytes: 514, rttMs, minRttMs });
    sentBefore = sent;
  }
  return { circuit, waitedMs, arrived };
}

describe('A circuit', () => {
  it('that carries half of what is written soon has little waiting, and stays so', () => {
    const { circuit, waitedMs, arrived } = runCircuit({ carries: 32_000, writes: 64_000, seconds: 180 });
    const later = waitedMs.slice(waitedMs.length / 4).toSorted((a, b) => a - b);
    const usual = later[Math.floor(later.length / 2)] ?? 0;
    const most = later.at(-1) ?? 0;
    assert.ok(usual < 1500 && most < 4000, `usually ${usual} ms wait, at most ${most} ms`);
    assert.ok(arrived > 0.6 * 180 * 32_000, `it is used: ${arrived} bytes`);
    const { capacity = 0 } = circuit;
    assert.ok(capacity > 16_000 && capacity < 48_000, `${capacity} bytes a second`);
  });

  it('that carries all is never said to be narrow', () => {
    const { circuit, waitedMs } = runCircuit({ carries: 200_000, writes: 64_000, seconds: 60 });
    assert.equal(circuit.capacity, undefined);
    assert.equal(circuit.queuedMs, 0);
    assert.ok(Math.max(...waitedMs) < 1000);
  });

  it('on which nothing moves takes no more until it moves again, and is not narrow for it', () => {
    let nowMs = 1_000_000;
    const socket = { bytesWritten: 0 };
    const circuit = new Circuit(() => nowMs);
    circuit.enter(socket);
    const second = (told: boolean, rttMs = minRttMs): void => {
      nowMs += 1000;
      socket.bytesWritten += 64_000;
      if (told) circuit.tell({ sentBytes: 64_000, readBytes: 2056, rttMs, minRttMs });
    };
    for (let s = 0; s < 10; s += 1) second(true);
    assert.equal(circuit.queuedMs, 0);
    for (let s = 0; s < 3; s += 1) second(false);
    assert.equal(circuit.queuedMs, 3000, 'since then nothing moves');
    nowMs += 2000;
    // All that waited, and a round trip that lasted as long as nothing moved.
    circuit.tell({ sentBytes: 3 * 64_000, readBytes: 6168, rttMs: 5500, minRttMs });
    assert.equal(circuit.queuedMs, 0);
    for (let s = 0; s < 10; s += 1) second(true, s < 5 ? 5500 : minRttMs);
    assert.equal(circuit.queuedMs, 0);
    assert.equal(circuit.capacity, undefined);
  });

  it('on which nothing is acknowledged for a second is known to stand still, however much tor still takes', () => {
    let nowMs = 1_000_000;
    const socket = { bytesWritten: 0 };
    const circuit = new Circuit(() => nowMs);
    circuit.enter(socket);
    const second = (sentBytes: number, readBytes: number): void => {
      nowMs += 1000;
      socket.bytesWritten += 64_000;
      circuit.tell({ sentBytes, readBytes, rttMs: minRttMs, minRttMs });
    };
    second(84_000, 0);
    assert.equal(circuit.queuedMs, 0, 'what one gets who joins is not acknowledged at once');
    for (let s = 0; s < 10; s += 1) second(64_000, 2056);
    second(64_000, 0);
    assert.equal(circuit.queuedMs, 1000);
    second(30_000, 0);
    assert.equal(circuit.queuedMs, 2000);
    second(90_000, 3084);
    assert.equal(circuit.queuedMs, 0);
  });

  it('of a tor that tells nothing is not said to be narrow', () => {
    const circuit = new Circuit(() => 0);
    circuit.enter({ bytesWritten: 1_000_000 });
    assert.equal(circuit.queuedMs, 0);
  });

  it('forgets its connections when they close', () => {
    const circuit = new Circuit(() => 0);
    const socket = { bytesWritten: 10 };
    circuit.enter(socket);
    assert.equal(circuit.isEmpty, false);
    circuit.leave(socket);
    assert.equal(circuit.isEmpty, true);
  });
});

describe('What tor tells of a circuit', () => {
  it('is read from its event, with congestion control and without', () => {
    const counts =
      'READ=1018 WRITTEN=32576 TIME=2026-01-02T03:04:05.765742 DELIVERED_READ=46 OVERHEAD_READ=950';
    const event = `CIRC_BW ID=21 ${counts} DELIVERED_WRITTEN=31436 OVERHEAD_WRITTEN=436`;
    assert.deepEqual(toldOf(`${event} SS=0 CWND=359 RTT=5836 MIN_RTT=564`), {
      circuit: 21,
      sentBytes: 31436,
      readBytes: 1018,
      rttMs: 5836,
      minRttMs: 564,
    });
    assert.deepEqual(toldOf(event), {
      circuit: 21,
      sentBytes: 31436,
      readBytes: 1018,
      rttMs: 0,
      minRttMs: 0,
    });
    for (const other of ['HS_DESC UPLOADED x', 'CIRC_BW', 'CIRC_BW ID=x DELIVERED_WRITTEN=1', ''])
      assert.equal(toldOf(other), undefined, other);
  });
});
