import { join } from 'node:path';

/** A torrc value in C-style quotes, as tor reads any value that begins with one. */
export function quoted(value: string): string {
  const escaped = value.replace(/["\\]/g, character => `\\${character}`).replaceAll('\n', '\\n');
  return `"${escaped}"`;
}

export type TorrcFacts = {
  /** Our tor's state; created by tor, 0700. */
  dataDirectory: string;
  /** Holds the onion's key and `hostname`; must be ours and 0700, or tor refuses to start. */
  hiddenServiceDir: string;
  socketPath: string;
  virtualPort: number;
  maxStreams: number;
  powDefenses: boolean;
  extraLines: readonly string[];
};

/** The whole torrc of our own tor process; option names as in tor(1). */
export function torrcOf(facts: TorrcFacts): string {
  const target = `${facts.virtualPort} unix:${quoted(facts.socketPath)}`;
  const lines = [
    `DataDirectory ${quoted(facts.dataDirectory)}`,
    'SocksPort 0',
    'AvoidDiskWrites 1',
    'Log notice stdout',
    `HiddenServiceDir ${quoted(facts.hiddenServiceDir)}`,
    // Quoted twice: as a whole for the torrc (a bare # begins a comment), the path again for the option.
    `HiddenServicePort ${quoted(target)}`,
    'HiddenServiceExportCircuitID haproxy',
    `HiddenServiceMaxStreams ${facts.maxStreams}`,
    // Left out rather than 0: a tor that does not know the option refuses either.
    ...(facts.powDefenses ? ['HiddenServicePoWDefensesEnabled 1'] : []),
  ];
  // After ours, so that a further HiddenService option means our onion.
  return [...lines, ...facts.extraLines, ''].join('\n');
}

const ourOptions = [
  ...torrcOf({
    dataDirectory: '',
    hiddenServiceDir: '',
    socketPath: '',
    virtualPort: 80,
    maxStreams: 0,
    powDefenses: true,
    extraLines: [],
  })
    .split('\n')
    .map(line => line.split(' ', 1)[0] ?? '')
    .filter(name => name !== '' && name !== 'Log'),
  '__OwningControllerFD',
  'RunAsDaemon',
  'User',
];

/**
 * Why a line can't be one of the operator's extra torrc lines, or undefined when it can. Tor takes any case, a
 * leading + or /, and a unique beginning of an option's name, so all of these count as ours.
 */
export function problemOfExtraLine(line: string): string | undefined {
  if (/[\u0000-\u001f\u007f]/.test(line)) return 'holds a control character; give one torrc line an entry';
  if (line.trimEnd().endsWith('\\')) return 'goes on in the next line; give one torrc line an entry';
  const name = line.trim().replace(/^[+/]/, '').split(/\s/, 1)[0] ?? '';
  if (!/^_*[a-z][a-z0-9]*$/i.test(name)) return 'does not begin with the name of a tor option';
  const owned = ourOptions.find(option => option.toLowerCase().startsWith(name.toLowerCase()));
  return owned === undefined ? undefined : `sets ${owned}, which is set already`;
}

/** The folders and files of our tor below the service's data folder. */
export function torPaths(dataDir: string): {
  torDir: string;
  torrc: string;
  dataDirectory: string;
  hiddenServiceDir: string;
} {
  const torDir = join(dataDir, 'tor');
  return {
    torDir,
    torrc: join(torDir, 'torrc'),
    dataDirectory: join(torDir, 'data'),
    hiddenServiceDir: join(dataDir, 'hidden_service'),
  };
}
