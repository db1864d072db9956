/** Which quality plays: by hand (QualityMenu), or by what the line carries (QualityChoice). */
import type { EndlessPlayback } from './endless-playback.ts';
import { inOneCodec } from './hls-address.ts';
import { QualityChoice } from './quality-choice.ts';
import { automatic, QualityMenu } from './quality-menu.ts';
import { canPlay, type Rendition } from './rendition.ts';

type QualitiesOptions = {
  /** In the same SourceBuffer. */
  play(name: string, atOnce: boolean): void;
  /** In one of its own: pictures have come or gone, or it plays over HLS. */
  reload(): void;
  usesHls(): boolean;
};

export class Qualities {
  readonly menu: QualityMenu;
  #renditions: readonly Rendition[];
  readonly #options: QualitiesOptions;
  readonly #choice: QualityChoice;
  /** Types that turned out not to play. */
  readonly #hopeless = new Set<string>();
  #chosen = automatic;
  #current: Rendition | undefined;

  /** `renditions`: best first; the first is what is served without being asked for by name. */
  constructor(renditions: readonly Rendition[], options: QualitiesOptions) {
    this.#renditions = renditions;
    this.#options = options;
    this.#current = this.#playable[0];
    this.#choice = new QualityChoice(performance.now());
    this.menu = new QualityMenu(name => this.#choose(name));
    this.#show();
  }

  /** What to ask the server for; empty for what it serves by itself. */
  get name(): string {
    const current = this.#current;
    return !current || current === this.#renditions[0] ? '' : current.name;
  }

  get label(): string {
    const label = this.#current?.label ?? '';
    return this.#chosen === automatic && this.#renditions.length > 1 ? `${label} (automatic)` : label;
  }

  /** What must play, if it was chosen by hand. */
  get byHand(): Rendition | undefined {
    return this.#chosen === automatic ? undefined : this.#current;
  }

  /** All that there are, best first. */
  get all(): readonly Rendition[] {
    return this.#renditions;
  }

  /** Names of those that are offered, as the server joins them. */
  get names(): string {
    return this.#renditions.map(({ name }) => name).join();
  }

  /** Others are there now. What plays goes on if it is still among them. */
  offer(renditions: readonly Rendition[]): void {
    this.#renditions = renditions;
    const same = renditions.find(({ name }) => name === this.#current?.name);
    if (same || !this.#current) this.#current = same ?? this.#playable[0];
    else {
      this.#chosen = automatic;
      const [best] = this.#playable;
      if (best) this.#play(best, false);
    }
    this.#show();
  }

  /** All may be tried again. */
  forgive(): void {
    this.#hopeless.clear();
    this.#show();
  }

  /** `type` does not play here: on to the next quality that may. False when there is none. */
  giveUp(type: string): boolean {
    this.#hopeless.add(this.#current?.type ?? type);
    const next = this.#playable.find(({ type: other }) => !this.#hopeless.has(other));
    if (!next) return false;
    this.#current = next;
    this.#show();
    this.#options.reload();
    return true;
  }

  /** Looks at the line, and changes the quality when that is due. To be called twice a second. */
  watch(playback: EndlessPlayback | undefined): void {
    if (!playback || this.#chosen !== automatic) return;
    const ladder = this.#ladder;
    const at = ladder.findIndex(({ name }) => name === this.#current?.name);
    if (at < 0 || ladder.length < 2 || !playback.edge.isFollowing) return;
    const nowMs = performance.now();
    const to = this.#choice.next({
      nowMs,
      at,
      kbps: ladder.map(({ kbps }) => kbps),
      backlogS: playback.line.backlog.seconds,
      stalls: playback.edge.stalls,
      reconnects: playback.line.reconnects,
      arrivingKbps: playback.line.arrivals.kbps(nowMs),
    });
    const next = ladder[to];
    if (next && to !== at) this.#play(next, to > at);
  }

  /** Over HLS video.js does the choosing: what plays is told by its picture. */
  sees(height: number): void {
    if (this.#chosen !== automatic || height === this.#current?.height) return;
    const seen = inOneCodec(this.#renditions).find(each => each.height === height);
    if (!seen) return;
    this.#current = seen;
    this.#show();
  }

  get #playable(): Rendition[] {
    return this.#renditions.filter(each => canPlay(each) && !this.#hopeless.has(each.type));
  }

  /** What may be chosen by itself: with pictures, if what plays has them; best first, whatever it costs at the moment. */
  get #ladder(): Rendition[] {
    const hasPictures = this.#hasPictures(this.#current);
    return this.#playable
      .filter(each => this.#hasPictures(each) === hasPictures)
      .sort((one, other) => other.height - one.height || other.kbps - one.kbps);
  }

  #hasPictures(rendition: Rendition | undefined): boolean {
    return rendition?.kind !== 'sound';
  }

  #play(next: Rendition, atOnce: boolean): void {
    // MSE wants the same tracks throughout (W3C Media Source Extensions, §3.5.7).
    const isSameKind = this.#hasPictures(next) === this.#hasPictures(this.#current);
    this.#current = next;
    this.#show();
    if (isSameKind && !this.#options.usesHls()) this.#options.play(this.name, atOnce);
    else this.#options.reload();
  }

  #choose(name: string): void {
    this.#chosen = name;
    const wanted = this.#playable.find(each => each.name === name);
    const best = this.#ladder[0] ?? this.#playable[0];
    const next = name === automatic ? (this.#hasPictures(this.#current) ? this.#current : best) : wanted;
    // Over HLS the choosing goes on or ends, whatever plays.
    if (next && (next !== this.#current || this.#options.usesHls())) this.#play(next, false);
    this.#choice.restart(performance.now());
    this.#show();
  }

  #show(): void {
    this.menu.button.hidden = this.#renditions.length < 2;
    this.menu.show({
      renditions: this.#playable,
      chosen: this.#chosen,
      current: this.#current,
      label: this.label,
    });
  }
}
