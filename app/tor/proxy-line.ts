/** The longest line that tor can send: a circuit number and ports of full length. */
export const maxProxyLineBytes = 'PROXY TCP6 fc00:dead:beef:4dad::ffff:ffff ::1 65535 65535\r\n'.length;

const hex = '(0|[1-9a-f][0-9a-f]{0,3})';
const port = '(0|[1-9][0-9]{0,4})';
const proxyLine = new RegExp(`^PROXY TCP6 fc00:dead:beef:4dad::${hex}:${hex} ::1 ${port} ${port}\\r\\n$`);

/**
 * The circuit's number out of the one line that tor sends before a stream's first byte
 * (`HiddenServiceExportCircuitID haproxy` in tor(1); the PROXY protocol's version 1). It is the control port's
 * circuit id, 1 … 2³²−1: a key for limits, not an identity. Undefined for anything that tor would not send.
 */
export function circuitOfProxyLine(line: string): number | undefined {
  const [, high, low, sourcePort, virtualPort] = proxyLine.exec(line) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const lowBits = Number.parseInt(low, 16);
  const circuit = Number.parseInt(high, 16) * 0x1_0000 + lowBits;
  // Tor repeats the low half as the source port, and no circuit is number 0.
  const isTors = circuit > 0 && Number(sourcePort) === lowBits && Number(virtualPort) <= 65_535;
  return isTors ? circuit : undefined;
}
