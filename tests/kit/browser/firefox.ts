import type { BrowserOptions } from './open.ts';

/** What the tests set beside Puppeteer's own preferences, which already turn updates and telemetry off. */
export function firefoxPreferences(options: BrowserOptions): Record<string, boolean | number | string> {
  const { javascript, socksPort, likeTorBrowser = false, cookies = true, systemCodecs = true } = options;
  return {
    'javascript.enabled': javascript,
    ...quiet,
    ...(socksPort === undefined ? {} : throughSocks(socksPort)),
    ...(cookies ? {} : { 'network.cookie.cookieBehavior': 2 }),
    // libavcodec of the system; the GMP is a plugin that is fetched.
    ...(systemCodecs ? {} : { 'media.ffmpeg.enabled': false, 'media.gmp-gmpopenh264.enabled': false }),
    ...(likeTorBrowser ? torBrowser : {}),
    ...(likeTorBrowser && !javascript ? safest : {}),
  };
}

/** No request but those of the page under test. */
const quiet = {
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.prefetch-next': false,
  'network.dns.disablePrefetch': true,
  'browser.region.network.url': '',
  'browser.contentblocking.report.hide_vpn_banner': true,
  'app.normandy.enabled': false,
  'dom.push.connection.enabled': false,
  'toolkit.telemetry.server': '',
  'browser.aboutwelcome.enabled': false,
  'termsofuse.bypassNotification': true,
};

function throughSocks(port: number): Record<string, boolean | number | string> {
  return {
    'network.proxy.type': 1,
    'network.proxy.socks': '127.0.0.1',
    'network.proxy.socks_port': port,
    'network.proxy.socks_version': 5,
    'network.proxy.socks_remote_dns': true,
    'network.proxy.no_proxies_on': '',
    'network.proxy.allow_hijacking_localhost': true,
    'network.proxy.failover_direct': false,
    // Firefox itself refuses .onion names unless told that the proxy knows them.
    'network.dns.blockDotOnion': false,
  };
}

/** Tor Browser's settings that a page can notice, at every security level; letterboxing would fight setViewport. */
const torBrowser = {
  'privacy.resistFingerprinting': true,
  'privacy.firstparty.isolate': true,
  'media.peerconnection.enabled': false,
  'dom.gamepad.enabled': false,
  'network.http.referer.hideOnionSource': true,
};

/** What the Safest level takes away beside JavaScript. */
const safest = {
  'svg.disabled': true,
  'mathml.disabled': true,
  'gfx.downloadable_fonts.enabled': false,
  'gfx.font_rendering.opentype_svg.enabled': false,
  'media.webaudio.enabled': false,
};
