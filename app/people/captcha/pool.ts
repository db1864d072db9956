import { randomBytes } from 'node:crypto';
import type { Log } from '../../lib/log.ts';
import type { CaptchaConfig } from './config.ts';
import { draw } from './draw.ts';

export class CaptchaPool {
  readonly #p = new Map<string, { text: string; atMs: number }>();
  readonly speaks = false;
  constructor(_deps: { now: () => number; log: Log }, _config: CaptchaConfig) {}
  issue(_holder: string): { id: string } {
    const id = randomBytes(16).toString('base64url');
    this.#p.set(id, { text: 'ACEFHK', atMs: 0 });
    return { id };
  }
  picture(id: string): Buffer | undefined {
    const found = this.#p.get(id);
    return found && draw(found.text, Math.random);
  }
  async speech(_id: string): Promise<Buffer | undefined> {
    return undefined;
  }
  solve(id: string, answer: string): 'solved' | 'wrong' | 'expired' {
    const found = this.#p.get(id);
    this.#p.delete(id);
    return !found ? 'expired' : found.text === answer.toUpperCase() ? 'solved' : 'wrong';
  }
  async close(): Promise<void> {}
}
