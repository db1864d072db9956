/**
 * Real browsers for tests: Firefox ESR over WebDriver BiDi and Chromium over its own protocol, each with a fresh
 * profile. Owns the browser's process and its folder; both are gone after `close()`, and the process also when the test
 * process dies. Judges nothing: pictures are read in pixels.ts, sound in sound.ts.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { chromiumFlags } from './chromium.ts';
import { firefoxPreferences } from './firefox.ts';

export type BrowserOptions = {
  browser: 'firefox' | 'chromium';
  javascript: boolean;
  /** The page's size in CSS pixels; a display should be 160 pixels higher, for the toolbars. */
  width: number;
  height: number;
  /** An X display (`:N`) to open a real window on; without it the browser is headless. */
  display?: string;
  /** More of the environment, for example that of a private PulseAudio. */
  env?: Readonly<Record<string, string>>;
  /** Onion names go, unresolved, to this SOCKS5 proxy on loopback, as in Tor Browser; no other name is reached. */
  socksPort?: number;
  /** Firefox with what Tor Browser sets for every page; with `javascript: false` it is Tor Browser's Safest level. */
  likeTorBrowser?: boolean;
  /** False: Firefox neither keeps nor sends any. */
  cookies?: boolean;
  /** False: Firefox as on a Linux without the system's codecs, where H.264 and AAC do not play. */
  systemCodecs?: boolean;
};

export type OpenBrowser = {
  /**
   * The one tab. Also with `javascript: false` everything here works, `evaluate` included: that runs beside the page's
   * own scripts, which do not run then. `goto` waits for the load event unless told otherwise.
   */
  page: Page;
  /** Its main process. */
  pid: number;
  close(): Promise<void>;
};

const programs = { firefox: 'firefox-esr', chromium: 'chromium' } as const;
/** Firefox heeds the preference that turns its settings server off only with this. */
const environment = { MOZ_REMOTE_SETTINGS_DEVTOOLS: '1', MOZ_CRASHREPORTER_DISABLE: '1' };
const launchTimeoutMs = 60_000;
const protocolTimeoutMs = 60_000;

/** Opens one browser with one empty tab; throws when it has not started after a minute. */
export async function openBrowser(options: BrowserOptions): Promise<OpenBrowser> {
  const { browser: kind, javascript, width, height, display } = options;
  // HOME too, so that nothing is read from or left in the person's own.
  const home = await mkdtemp(join(tmpdir(), `${kind}-`));
  const remove = () => rm(home, { recursive: true, force: true, maxRetries: 5 });
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...inherited } = process.env;
  const common = {
    browser: kind === 'firefox' ? ('firefox' as const) : ('chrome' as const),
    headless: display === undefined,
    userDataDir: join(home, 'profile'),
  };
  let browser: Browser | undefined;
  try {
    const own =
      kind === 'firefox' ? ['--width', `${width}`, '--height', `${height}`] : chromiumFlags(options);
    const defaults = await puppeteer.defaultArgs({ ...common, args: own });
    browser = await puppeteer.launch({
      ...common,
      // The kernel kills the browser when we end, also after a kill -9 of a test that took too long.
      executablePath: '/usr/bin/setpriv',
      args: ['--pdeathsig', 'KILL', programs[kind], ...defaults.filter(flag => flag !== '--mute-audio')],
      ignoreDefaultArgs: true,
      extraPrefsFirefox: firefoxPreferences(options),
      env: {
        ...inherited,
        ...environment,
        HOME: home,
        ...options.env,
        ...(display ? { DISPLAY: display } : {}),
      },
      defaultViewport: null,
      timeout: launchTimeoutMs,
      protocolTimeout: protocolTimeoutMs,
    });
    const [page = await browser.newPage()] = await browser.pages();
    await page.setViewport({ width, height });
    if (kind === 'chromium') await page.setJavaScriptEnabled(javascript);
    const opened = browser;
    return {
      page,
      pid: opened.process()?.pid ?? 0,
      close: async () => {
        await end(opened);
        await remove();
      },
    };
  } catch (error) {
    if (browser) await end(browser);
    await remove();
    throw error;
  }
}

/** Kills the browser's whole process group; nothing of it is worth the second that a good-bye takes. */
async function end(browser: Browser): Promise<void> {
  const child = browser.process();
  await browser.disconnect();
  if (!child?.pid) return;
  const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  try {
    // Puppeteer starts a browser in a process group of its own.
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left, as it should be.
  }
  await exit;
}
