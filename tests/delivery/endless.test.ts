/** One viewer's view, against a sink that a test opens and shuts, on recorded parts. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { deliveryConfig } from '../../app/delivery/config.ts';
import { EndlessView, type Line } from '../../app/delivery/endless.ts';
import { plainPackaging } from '../../app/delivery/packaging/packaging.ts';
import { Views } from '../../app/delivery/views.ts';
import { boxesIn } from '../../app/segments/boxes.ts';
import { decode } from '../kit/decode.ts';
import { type Recorded, RecordedChannel, recordParts } from '../kit/recorded-channel.ts';

/** Takes what is written while it is open; shut, it takes nothing, as a connection with full buffers. */
class Viewer extends Writable {
  readonly taken: Buffer[] = [];
  #isShut = false;
  #waiting: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 64 * 1024 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const take = (): void => {
      this.taken.push(chunk);
      done();
    };
    if (this.#isShut) this.#waiting = take;
    else take();
  }

  shut(): void {
    this.#isShut = true;
  }

  /** Resolves when all that waited has been taken. */
  async open(): Promise<void> {
    this.#isShut = false;
    this.#waiting?.();
    while (this.writableLength > 0) await turn();
    await turn();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.taken);
  }
}

const config = deliveryConfig.parse({ waitS: 20, gapS: 30, deadAfterS: 10 });
const boxTypes = (bytes: Buffer): string[] => [...boxesIn(bytes)].map(box => box.type);

describe('A view', () => {
  let small: Recorded;
  let large: Recorded;

  before(async () => {
    small = await recordParts({ durationS: 20 });
    large = await recordParts({ durationS: 3, size: '480x270' });
  });

  async function watch(source: RecordedChannel, line?: Line): Promise<{ view: EndlessView; viewer: Viewer }> {
    const viewer = new Viewer();
    const view = new EndlessView(
      { channel: source.channel, sink: viewer, packaging: plainPackaging, line, now: source.now },
      config,
    );
    await turn();
    return { view, viewer };
  }

  it('begins with the init segment and the newest keyframe', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(13);
    const { viewer } = await watch(source);
    const { segments } = source.channel.window;
    const expected = [
      segments[0]?.parts[0]?.init,
      ...[10, 11, 12].map(number => source.channel.window.part(number)),
    ];
    assert.deepEqual(
      viewer.taken.map(chunk => expected.findIndex(part => part?.bytes === chunk)),
      [0, 1, 2, 3],
      'the very bytes of the window',
    );
    await source.feed(20);
    assert.deepEqual(boxTypes(viewer.bytes).slice(0, 4), ['ftyp', 'moov', 'moof', 'mdat']);
    const { frames, complaints } = await decode({ bytes: viewer.bytes });
    assert.equal(complaints, '');
    assert.equal(frames, 23 * 5);
  });

  it('shares the bytes of every part with the others', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(6);
    const [first, second] = [(await watch(source)).viewer, (await watch(source)).viewer];
    await source.feed(30);
    assert.equal(first.taken.length, 32);
    assert.ok(first.taken.every((chunk, index) => chunk === second.taken[index]));
  });

  it('leaves parts out while too much waits on the line, and goes on with a keyframe that has just come', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(6);
    const line = { queuedMs: 0 };
    const { viewer } = await watch(source, line);
    const sent = viewer.taken.length;
    line.queuedMs = 2000;
    await source.feed(10);
    assert.equal(viewer.taken.length, sent);
    line.queuedMs = 100;
    await source.feed(4);
    assert.equal(viewer.taken.length, sent, 'parts 16 to 19 need one that was left out');
    await source.feed(3);
    const wanted = [20, 21, 22].map(number => source.channel.window.part(number)?.bytes);
    assert.deepEqual(viewer.taken.slice(sent), wanted);
    const { complaints } = await decode({ bytes: viewer.bytes });
    assert.equal(complaints, '');
  });

  it('of one who takes nothing holds a few parts, and goes on for him at the newest keyframe', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(5);
    const { view, viewer } = await watch(source);
    viewer.shut();
    const partBytes = Math.max(...small.parts.map(part => part.bytes.length));
    let most = 0;
    for (let fed = 0; fed < 62; fed += 1) {
      await source.feed(1);
      most = Math.max(most, viewer.writableLength);
    }
    assert.ok(most <= 64 * 1024 + partBytes, `${most} bytes are held`);
    const heldBefore = viewer.taken.length;
    await viewer.open();
    await source.feed(8);
    // Parts that were shut out are gone; the next one begins with the keyframe of part 65.
    const numbers = viewer.taken.map(chunk => {
      const { window } = source.channel;
      return window.segments.flatMap(({ parts }) => parts).find(part => part.bytes === chunk)?.number;
    });
    const gap = numbers.findIndex((number, index) => index > heldBefore && number === 65);
    assert.ok(gap > 0, `he goes on at 65: ${numbers.slice(heldBefore)}`);
    assert.ok((numbers[gap - 1] ?? 65) < 10, `what was shut out is gone: ${numbers}`);
    assert.deepEqual(numbers.slice(gap), [65, 66, 67, 68, 69, 70, 71, 72, 73, 74]);
    const { frames, complaints } = await decode({ bytes: viewer.bytes });
    assert.equal(complaints, '');
    assert.equal(frames, (viewer.taken.length - 1) * 5);
    view.close();
  });

  it('leaves nothing out for one who hesitates for a second', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(5);
    const { viewer } = await watch(source);
    viewer.shut();
    const held = (): number => viewer.taken.length + (viewer.writableLength > 0 ? 1 : 0);
    while (viewer.writableLength < 64 * 1024) await source.feed(1);
    const before = held();
    await source.feed(5);
    await viewer.open();
    await source.feed(5);
    assert.ok(viewer.taken.length > before);
    const newest = (source.channel.window.newest?.number ?? 0) + 1;
    assert.equal((await decode({ bytes: viewer.bytes })).frames, newest * 5, 'every picture came');
  });

  it('destroys the connection of one who takes no byte for long, and not sooner', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(5);
    const { view, viewer } = await watch(source);
    viewer.shut();
    while (viewer.writableLength < 64 * 1024) await source.feed(1);
    source.wait(9900);
    view.tick();
    assert.equal(viewer.destroyed, false);
    source.wait(200);
    view.tick();
    assert.equal(viewer.destroyed, true);
  });

  it('destroys the connection of one who does not even take the end', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(5);
    const { view, viewer } = await watch(source);
    viewer.shut();
    while (viewer.writableLength < 64 * 1024) await source.feed(1);
    view.close();
    source.wait(10_100);
    view.tick();
    assert.equal(viewer.destroyed, true);
  });

  it('waits for a stream that is off, and ends when it does not come', async () => {
    const source = new RecordedChannel();
    const { view, viewer } = await watch(source);
    const late = await watch(source);
    source.wait(19_000);
    view.tick();
    assert.equal(viewer.writableEnded, false);
    source.beginRun(small);
    await source.feed(1);
    assert.deepEqual(boxTypes(viewer.bytes), ['ftyp', 'moov', 'moof', 'mdat']);
    late.view.close();

    const nothing = new RecordedChannel();
    const never = await watch(nothing);
    nothing.wait(20_100);
    never.view.tick();
    assert.equal(never.viewer.writableEnded, true);
    assert.equal(never.viewer.taken.length, 0);
  });

  it('goes on after a break of the stream, keeps the line warm meanwhile, and ends after a long one', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(10);
    const { view, viewer } = await watch(source);
    source.wait(16_000);
    view.tick();
    assert.deepEqual(boxTypes(viewer.bytes).at(-1), 'free');
    source.beginRun(small);
    await source.feed(10);
    assert.equal((await decode({ bytes: viewer.bytes })).complaints, '');
    source.wait(29_000);
    view.tick();
    assert.equal(viewer.writableEnded, false);
    source.wait(2000);
    view.tick();
    assert.equal(viewer.writableEnded, true);
  });

  it('goes on over a restart with another size of picture', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(10);
    const { view, viewer } = await watch(source);
    source.beginRun(large, 700);
    await source.feed(10);
    const types = boxTypes(viewer.bytes);
    assert.equal(types.filter(type => type === 'moov').length, 1);
    const { frames, complaints } = await decode({ bytes: viewer.bytes });
    assert.equal(complaints, '');
    assert.equal(frames, 15 * 5);
    view.close();
  });

  for (const video of ['libvpx-vp9', 'libsvtav1'] as const) {
    it(`goes on over a restart with another size of picture of ${video}`, async () => {
      const options = { durationS: 2, video, audio: 'libopus' } as const;
      const source = new RecordedChannel();
      source.beginRun(await recordParts(options));
      await source.feed(10);
      const { view, viewer } = await watch(source);
      source.beginRun(await recordParts({ ...options, size: '160x90' }), 700);
      await source.feed(10);
      assert.equal(boxTypes(viewer.bytes).filter(type => type === 'moov').length, 1);
      assert.equal(viewer.writableEnded, false);
      const { frames, complaints } = await decode({ bytes: viewer.bytes });
      assert.equal(complaints, '');
      assert.equal(frames, 15 * 5);
      view.close();
    });
  }

  it('ends cleanly at a restart that its init segment can not decode', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(10);
    const { viewer } = await watch(source);
    source.beginRun(await recordParts({ durationS: 1, audio: 'none' }));
    await source.feed(1);
    assert.equal(viewer.writableEnded, true);
    assert.equal((await decode({ bytes: viewer.bytes })).complaints, '');
    // Who asks anew gets the new stream.
    assert.equal((await decode({ bytes: (await watch(source)).viewer.bytes })).frames, 5);
  });

  it('begins with the next keyframe when it joins a stream that stalls', async () => {
    const source = new RecordedChannel();
    source.beginRun(small);
    await source.feed(7);
    source.wait(3000);
    assert.equal(source.channel.state, 'stalled');
    const { viewer } = await watch(source);
    assert.equal(viewer.taken.length, 0);
    await source.feed(1);
    assert.ok(viewer.taken.length > 1);
  });
});

describe('All views', () => {
  it('have no place for one more than the limit, until one leaves', async () => {
    const source = new RecordedChannel();
    const views = new Views({ now: source.now }, deliveryConfig.parse({ maxViews: 2 }));
    let left = 0;
    const open = (): Viewer => {
      views.assertPlace();
      const viewer = new Viewer();
      views.open(source.channel, viewer, { reader: { demuxer: 'plain', way: 'direct' } }, () => {
        left += 1;
      });
      return viewer;
    };
    const first = open();
    open();
    assert.throws(open, { code: 'stream-full' });
    assert.equal(source.channel.events.size, 2);
    first.destroy();
    await new Promise(resolve => first.once('close', resolve));
    assert.equal(views.size, 1);
    assert.equal(left, 1);
    assert.equal(source.channel.events.size, 1, 'nothing of him is left behind');
    open();
    views.closeAll();
  });
});
