import assert from 'node:assert/strict';
import { test } from 'node:test';
import { circuitOfProxyLine, maxProxyLineBytes } from '../../app/tor/proxy-line.ts';

/** The line as tor prints it: both halves in hex without padding, the low half again as source port. */
function torsLine(circuit: number, virtualPort = 80): string {
  const [high, low] = [Math.floor(circuit / 0x1_0000), circuit % 0x1_0000];
  return `PROXY TCP6 fc00:dead:beef:4dad::${high.toString(16)}:${low.toString(16)} ::1 ${low} ${virtualPort}\r\n`;
}

test('every line tor can send gives back its circuit', () => {
  const edges = [1, 9, 15, 16, 203, 0xffff, 0x1_0000, 0x1_0001, 0xffff_0000, 0xffff_ffff];
  const spread = Array.from({ length: 5_000 }, (_, step) => 1 + ((step * 858_993) % 0xffff_ffff));
  for (const circuit of [...edges, ...spread]) {
    for (const port of [1, 80, 65_535]) {
      const line = torsLine(circuit, port);
      assert.equal(circuitOfProxyLine(line), circuit, line);
      assert.ok(line.length <= maxProxyLineBytes, line);
    }
  }
});

test('the line measured on a real tor is understood', () => {
  assert.equal(circuitOfProxyLine('PROXY TCP6 fc00:dead:beef:4dad::0:cb ::1 203 80\r\n'), 203);
});

test('any line with one byte changed, lost or added is refused, or is itself a line of tor', () => {
  for (const circuit of [203, 0xabcd_ef01]) {
    const line = torsLine(circuit);
    for (let at = 0; at < line.length; at += 1) {
      for (const byte of ['', '0', 'a', 'F', ' ', ':', '\r', '\n', '\0', '-', '\u00ff']) {
        for (const changed of [
          line.slice(0, at) + byte + line.slice(at + 1),
          line.slice(0, at) + byte + line.slice(at),
        ]) {
          if (changed === line) continue;
          const found = circuitOfProxyLine(changed);
          const port = Number(/(\d+)\r\n$/.exec(changed)?.[1]);
          if (found !== undefined) assert.equal(torsLine(found, port), changed);
        }
      }
    }
  }
});

for (const [why, line] of [
  ['of a circuit 0', torsLine(0)],
  ['with padded hex', 'PROXY TCP6 fc00:dead:beef:4dad::0000:00cb ::1 203 80\r\n'],
  ['with upper-case hex', 'PROXY TCP6 fc00:dead:beef:4dad::0:CB ::1 203 80\r\n'],
  ['whose source port is not the low half', 'PROXY TCP6 fc00:dead:beef:4dad::0:cb ::1 204 80\r\n'],
  ['with a port above 65535', 'PROXY TCP6 fc00:dead:beef:4dad::0:cb ::1 203 70000\r\n'],
  ['from another network', 'PROXY TCP6 fc00:dead:beef:4dae::0:cb ::1 203 80\r\n'],
  ['of IPv4', 'PROXY TCP4 127.0.0.1 127.0.0.1 203 80\r\n'],
  ['of an unknown protocol', 'PROXY UNKNOWN\r\n'],
  ['that ends in a bare line feed', 'PROXY TCP6 fc00:dead:beef:4dad::0:cb ::1 203 80\n'],
  ['with bytes after it', `${torsLine(203)}G`],
  ['with a line before it', `\r\n${torsLine(203)}`],
  ['of HTTP', 'GET / HTTP/1.1\r\n'],
  ['that is empty', ''],
] as const) {
  test(`a line ${why} is refused`, () => {
    assert.equal(circuitOfProxyLine(line), undefined);
  });
}
