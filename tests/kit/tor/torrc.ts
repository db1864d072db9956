/**
 * The torrc lines of the private network's tors. Option names as in tor(1); what is not obvious is said here:
 * without AssumeReachable and TestingAuthDirTimeToLearnReachability a relay is believed only after half an hour.
 */

/** Every tor of the network, ours and other people's. */
export function networkLines(dirAuthority: string): string[] {
  return [
    'TestingTorNetwork 1',
    dirAuthority,
    'AssumeReachable 1',
    'PathsNeededToBuildCircuits 0.25',
    'GeoIPFile /dev/null',
    'GeoIPv6File /dev/null',
  ];
}

/** `advertisedPort` is where others find the relay when something listens there on its behalf. */
export function relayLines(nickname: string, orPort: number | 'auto', advertisedPort?: number): string[] {
  const orPorts =
    advertisedPort === undefined
      ? [`ORPort 127.0.0.1:${orPort}`]
      : [`ORPort 127.0.0.1:${orPort} NoAdvertise`, `ORPort 127.0.0.1:${advertisedPort} NoListen`];
  return [
    `Nickname ${nickname}`,
    ...orPorts,
    'Address 127.0.0.1',
    'AddressDisableIPv6 1',
    'SocksPort 0',
    'ExitRelay 0',
    'ExitPolicy reject *:*',
    'ContactInfo nobody@example.invalid',
  ];
}

/**
 * The authority votes when the network asks for it (see `voteNow`), not before: its first vote is set half an
 * interval away. Delays are the least that tor allows.
 */
export function authorityLines(dirPort: number, nowSeconds: number): string[] {
  return [
    'AuthoritativeDirectory 1',
    'V3AuthoritativeDirectory 1',
    `DirPort 127.0.0.1:${dirPort}`,
    `TestingV3AuthInitialVotingInterval ${votingIntervalSeconds}`,
    'TestingV3AuthInitialVoteDelay 2',
    'TestingV3AuthInitialDistDelay 2',
    `TestingV3AuthVotingStartOffset ${votingOffset(nowSeconds + votingIntervalSeconds / 2)}`,
    `V3AuthVotingInterval ${votingIntervalSeconds}`,
    'V3AuthVoteDelay 20',
    'V3AuthDistDelay 20',
    'V3AuthNIntervalsValid 3',
    'TestingDirAuthVoteGuard *',
    'TestingDirAuthVoteHSDir *',
    'TestingAuthDirTimeToLearnReachability 0',
    'AuthDirListBadExits 0',
    'ConsensusParams cc_alg=2',
  ];
}

/** The control command after which the authority publishes its first consensus in 5–6 s: 1 + two delays of 2. */
export function voteNow(nowSeconds: number): string {
  return `SETCONF TestingV3AuthVotingStartOffset=${votingOffset(nowSeconds + 6)}`;
}

const votingIntervalSeconds = 300;

const votingOffset = (publishAtSeconds: number): number =>
  Math.floor(publishAtSeconds) % votingIntervalSeconds;

/**
 * A relay's `state` file that says it has carried 1 MB/s for a day: a relay that advertises bandwidth 0 is not
 * chosen for circuits.
 */
export function busyRelayState(now: Date): string {
  const ends = new Date(now.getTime() - 2_000).toISOString().slice(0, 19).replace('T', ' ');
  return ['BWHistoryRead', 'BWHistoryWrite']
    .map(
      name =>
        `${name}Ends ${ends}\n${name}Interval 86400\n${name}Values 86400000000\n${name}Maxima 10000000\n`,
    )
    .join('');
}
