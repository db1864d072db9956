import { randomBytes } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { Failure } from '../lib/failure.ts';

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const onion = /^([a-z0-9-]+\.)*[a-z2-7]{56}\.onion$/;

/**
 * Answers only to names that lead here. A web page open on the broadcaster's own machine could otherwise point a
 * name of its own at 127.0.0.1 and read along (DNS rebinding).
 */
export function checkHost(extraHosts: readonly string[]) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    if (!loopback.test(host) && !onion.test(host) && !extraHosts.includes(host)) {
      throw new Failure(
        'wrong-host',
        `This server does not answer to the name ${JSON.stringify(host.slice(0, 80))}. Use its onion address; its ` +
          'broadcaster can add names to web.hosts in config.json.',
      );
    }
    next();
  };
}

/** The nonce of this response's Content-Security-Policy. */
export function nonceOf(response: Response): string {
  return String(response.locals.nonce);
}

/** Nothing from elsewhere, nothing to elsewhere. `own`: the nonce or hash of the page's own elements, in quotes. */
export function contentPolicy(host: string, own: string): string {
  return [
    "default-src 'none'",
    `script-src ${own} 'self'`,
    `style-src ${own} 'self'`,
    // data: is the icon of the page.
    "img-src 'self' data:",
    "media-src 'self' blob:",
    // 'self' does not cover ws: in every browser.
    `connect-src 'self' ws://${host} wss://${host}`,
    'worker-src blob:',
    "frame-src 'self'",
    "frame-ancestors 'self'",
    "form-action 'self'",
    "base-uri 'none'",
  ].join('; ');
}

/** Headers of every response: nothing from elsewhere, nothing to elsewhere, nothing about this machine. */
export function securityHeaders(request: Request, response: Response, next: NextFunction): void {
  const nonce = randomBytes(16).toString('base64');
  response.locals.nonce = nonce;
  // The clock's error is a fingerprint of the machine.
  response.sendDate = false;
  const host = request.headers.host ?? '';
  response.set({
    'Content-Security-Policy': contentPolicy(host, `'nonce-${nonce}'`),
    'Cache-Control': 'no-store',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'SAMEORIGIN',
    'X-Robots-Tag': 'noindex, nofollow',
  });
  next();
}
