import type { BrowserOptions } from './open.ts';

/** What the tests add to Puppeteer's own flags, which already turn updates and background requests off. */
export function chromiumFlags({ width, height, socksPort }: BrowserOptions): string[] {
  return [
    // The sandbox needs rights that root and most containers do not have; the pages are our own.
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-component-update',
    '--no-default-browser-check',
    `--window-size=${width},${height + 160}`,
    // Chromium asks its maker's hosts at every start, whatever it is told: their names lead nowhere.
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
    ...(socksPort === undefined ? [] : [`--proxy-pac-url=${onionsThrough(socksPort)}`]),
  ];
}

/** Proxy settings as a data: URL: onion names go to the SOCKS proxy unresolved, all others to a closed port. */
function onionsThrough(port: number): string {
  const script = `function FindProxyForURL(url, host) {
    return dnsDomainIs(host, '.onion') ? 'SOCKS5 127.0.0.1:${port}' : 'PROXY 127.0.0.1:9';
  }`;
  return `data:application/x-ns-proxy-autoconfig;base64,${btoa(script)}`;
}
