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
    `--window-size=${width},${height + 100}`,
    ...(socksPort === undefined
      ? []
      : [
          `--proxy-server=socks5://127.0.0.1:${socksPort}`,
          // No name is looked up here, and loopback goes through the proxy too.
          '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
          '--proxy-bypass-list=<-loopback>',
        ]),
  ];
}
