/**
 * The live column without JavaScript: one HTML response that does not end. New facts arrive as appended markup
 * and style, which browsers show at once.
 */
import { type Request, type Response, Router } from 'express';
import { Failure } from '../lib/failure.ts';
import type { Assets } from './assets.ts';
import { aliveRules, infoRules } from './frame-rules.ts';
import type { Info } from './info.ts';
import { nonceOf } from './security.ts';
import type { Templates } from './templates.ts';

type FrameDeps = { info: Info; templates: Templates; assets: Assets; now: () => number };

const keepAliveMs = 20_000;
const silentS = 45;
// A page that grows for ever slows the browser down: now and then it is begun anew.
const maxAgeMs = 30 * 60_000;
const deadAfterMs = 30_000;

class LiveFrame {
  readonly #response: Response;
  readonly #deps: FrameDeps;
  readonly #unsubscribe: () => void;
  readonly #bornMs: number;
  #turn = 0;
  #lastWriteMs: number;
  #blockedSinceMs: number | undefined;

  constructor(response: Response, deps: FrameDeps) {
    this.#response = response;
    this.#deps = deps;
    this.#bornMs = this.#lastWriteMs = deps.now();
    response.write(
      deps.templates.render('live-frame', { nonce: nonceOf(response), style: deps.assets.url('style.css') }),
    );
    this.#sayAll();
    this.#unsubscribe = deps.info.changes.subscribe(() => this.#sayAll());
    response.on('drain', () => {
      this.#blockedSinceMs = undefined;
      this.#sayAll();
    });
    response.once('close', this.#unsubscribe);
    response.on('error', this.#unsubscribe);
  }

  tick(): void {
    const nowMs = this.#deps.now();
    if (this.#blockedSinceMs !== undefined) {
      if (nowMs - this.#blockedSinceMs > deadAfterMs) this.#response.destroy();
    } else if (nowMs - this.#bornMs > maxAgeMs) this.restart();
    else if (nowMs - this.#lastWriteMs >= keepAliveMs) this.#append(this.#styles(''));
  }

  /** Ends the page in a way that makes the browser ask for it anew at once. */
  restart(): void {
    this.#unsubscribe();
    this.#response.end('<meta http-equiv="refresh" content="0">');
  }

  #sayAll(): void {
    this.#append(this.#styles(infoRules(this.#deps.info.current, this.#turn)));
  }

  #styles(rules: string): string {
    this.#turn += 1;
    return `<style nonce="${nonceOf(this.#response)}">${rules}${aliveRules(silentS, this.#turn)}</style>\n`;
  }

  #append(markup: string): void {
    // One who takes nothing misses what is superseded anyway: all is said again when he does.
    if (this.#blockedSinceMs !== undefined) return;
    this.#lastWriteMs = this.#deps.now();
    if (!this.#response.write(markup)) this.#blockedSinceMs = this.#lastWriteMs;
  }
}

export class LiveFrames {
  readonly #open = new Set<LiveFrame>();
  readonly #deps: FrameDeps;
  readonly #maxFrames: number;

  constructor(deps: FrameDeps, options: { maxFrames: number }) {
    this.#deps = deps;
    this.#maxFrames = options.maxFrames;
  }

  routes(): Router {
    const router = Router();
    router.get('/chat/live', (request, response) => this.#serve(request, response));
    return router;
  }

  #serve(request: Request, response: Response): void {
    if (this.#open.size >= this.#maxFrames) {
      throw new Failure('stream-full', 'Too many people are connected. This page tries again by itself.');
    }
    // `Refresh` brings the page back after an end or a cut.
    response.set({ 'Content-Type': 'text/html; charset=utf-8', Refresh: '1' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    request.socket.setNoDelay(true);
    const frame = new LiveFrame(response, this.#deps);
    this.#open.add(frame);
    response.once('close', () => this.#open.delete(frame));
  }

  tick(): void {
    for (const frame of [...this.#open]) frame.tick();
  }

  closeAll(): void {
    for (const frame of [...this.#open]) frame.restart();
  }
}
