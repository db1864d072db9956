/** What is measured: a row a kind of viewer, with what it should reach. */

export type Row = {
  name: string;
  browser: 'firefox' | 'chromium';
  javascript: boolean;
  sound: boolean;
  hls: boolean;
  /** Parts as they are, without the packaging made for this browser: what it would be without. */
  plain: boolean;
  /** What the median should not exceed; null where nothing is aimed at. */
  targetMs: { loopback: number | null; tor: number | null };
};

const noScript = { javascript: false, sound: false, hls: false, plain: false } as const;
const withScript = { ...noScript, javascript: true } as const;

export const rows: Readonly<Record<string, Row>> = {
  muted: {
    ...noScript,
    name: 'Firefox, no JavaScript, muted',
    browser: 'firefox',
    targetMs: { loopback: 850, tor: 1400 },
  },
  sound: {
    ...noScript,
    name: 'Firefox, no JavaScript, with sound',
    browser: 'firefox',
    sound: true,
    targetMs: { loopback: 1500, tor: 2200 },
  },
  js: {
    ...withScript,
    name: 'Firefox, video.js',
    browser: 'firefox',
    targetMs: { loopback: 550, tor: 900 },
  },
  'js-sound': {
    ...withScript,
    name: 'Firefox, video.js, with sound',
    browser: 'firefox',
    sound: true,
    targetMs: { loopback: null, tor: null },
  },
  hls: {
    ...withScript,
    name: 'Firefox, video.js, LL-HLS',
    browser: 'firefox',
    hls: true,
    targetMs: { loopback: 1000, tor: null },
  },
  plain: {
    ...noScript,
    name: 'Firefox, no JavaScript, muted, plain parts',
    browser: 'firefox',
    plain: true,
    targetMs: { loopback: null, tor: null },
  },
  'chromium-muted': {
    ...noScript,
    name: 'Chromium, no JavaScript, muted',
    browser: 'chromium',
    targetMs: { loopback: null, tor: null },
  },
  'chromium-js': {
    ...withScript,
    name: 'Chromium, video.js',
    browser: 'chromium',
    targetMs: { loopback: null, tor: null },
  },
};

export const firstPictureTargetMs = { loopback: 1500, tor: 6000 };
export const pictureAgainTargetMs = { loopback: 1500, tor: 4000 };
export const recoveryTargetMs = 3000;

/** What others reach, as measured or as they claim it themselves. */
export const peers: readonly string[] = [
  'anonstream, its guide’s settings, no JavaScript, loopback, measured: 10 560 ms',
  'onion-livestreaming, through Tor, its own claims: 30 s with video.js, 12 s and 3 s without',
  'Owncast: 5 s and more · MediaMTX, LL-HLS: 1–2 s',
];
