/**
 * The test card as one lavfi graph: a calm picture without any font, so that it looks the same with every ffmpeg:
 * colour bars, a ball that swings, a bar that fills once a second and a seven-segment clock in UTC; and a soft
 * ping at every second. Names nothing: no host, no channel.
 */

type Size = { width: number; height: number; frameRate: number };

type Box = { x: number; y: number; width: number; height: number };

/** Seven-segment digits: for each segment the digits that light it, and where it lies in a cell of 6 × 10 units. */
const segments: readonly { digits: string; x: number; y: number; width: number; height: number }[] = [
  { digits: '02356789', x: 1, y: 0, width: 4, height: 1 },
  { digits: '045689', x: 0, y: 1, width: 1, height: 4 },
  { digits: '01234789', x: 5, y: 1, width: 1, height: 4 },
  { digits: '2345689', x: 1, y: 4.5, width: 4, height: 1 },
  { digits: '0268', x: 0, y: 5, width: 1, height: 4 },
  { digits: '013456789', x: 5, y: 5, width: 1, height: 4 },
  { digits: '0235689', x: 1, y: 9, width: 4, height: 1 },
];

/** hh:mm:ss out of the wall clock; `time(0)` is seconds since 1970 UTC, whatever the time zone is. */
const digits = [
  'floor(mod(time(0),86400)/36000)',
  'mod(floor(mod(time(0),86400)/3600),10)',
  'floor(mod(time(0),3600)/600)',
  'mod(floor(mod(time(0),3600)/60),10)',
  'floor(mod(time(0),60)/10)',
  'mod(floor(time(0)),10)',
];

const bars = ['c7c7c7', 'c3bf4f', '4fb9bd', '55b457', 'b356ae', 'b24a4a', '4a55b0'];

export function testCardVideo({ width, height, frameRate }: Size): string {
  const barWidth = width / bars.length;
  const barTop = height * 0.72;
  const boxes = [
    ...bars.map((color, index) =>
      drawBox({ x: index * barWidth, y: barTop, width: barWidth, height: height * 0.14 }, color),
    ),
    ...clock(width, height),
  ];
  const ball = even(height * 0.11);
  const fill = even(height * 0.02);
  const source = (color: string, w: number, h: number) => `color=c=0x${color}:s=${w}x${h}:r=${frameRate}`;
  return [
    `${source('14171f', width, height)},${boxes.join(',')}[card]`,
    `${source('f2b84b', ball, ball)},format=yuva420p,geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='255*lt(hypot(X-W/2,Y-H/2),W/2)',loop=loop=-1:size=1:start=0[ball]`,
    `${source('6c7a99', width, fill)}[fill]`,
    `[card][fill]overlay=x='-W+W*mod(t,1)':y=${even(height * 0.93)}[moving]`,
    `[moving][ball]overlay=x='(W-w)*(0.5-0.45*cos(2*PI*t/4))':y='${even(height * 0.5)}-${even(height * 0.1)}*abs(sin(2*PI*t/2))'[out0]`,
  ].join(';');
}

/** A ping of some 0.4 s at every second, 20 dB below full scale; silence when `tone` is off. */
export function testCardAudio(tone: boolean): string {
  const attack = 'min(1,200*mod(t,1))';
  const ping = tone ? `0.1*${attack}*exp(-9*mod(t,1))*sin(2*PI*660*t)` : '0';
  return `aevalsrc='${ping}':s=48000:c=mono[out1]`;
}

function clock(width: number, height: number): string[] {
  // Eight cells with gaps between: 6 digits of 6 units, 2 colons of 1 unit, 7 gaps of 2 units.
  const unit = Math.max(1, Math.floor(Math.min((width * 0.8) / 52, (height * 0.24) / 10)));
  const top = Math.round(height * 0.1);
  let x = Math.round((width - 52 * unit) / 2);
  return digits.flatMap((digit, index) => {
    const lit = segments.map(segment =>
      drawBox(
        {
          x: x + segment.x * unit,
          y: top + segment.y * unit,
          width: segment.width * unit,
          height: segment.height * unit,
        },
        'e8ecf4',
        `bitand(${mask(segment.digits)},pow(2,${digit}))`,
      ),
    );
    x += 8 * unit;
    if (index % 2 === 0 || index === digits.length - 1) return lit;
    const dots = [3, 6].map(y => drawBox({ x, y: top + y * unit, width: unit, height: unit }, 'e8ecf4'));
    x += 3 * unit;
    return [...lit, ...dots];
  });
}

function mask(lit: string): number {
  return [...lit].reduce((sum, digit) => sum + 2 ** Number(digit), 0);
}

function drawBox(box: Box, color: string, enable?: string): string {
  const [x, y] = [Math.round(box.x), Math.round(box.y)];
  // Neighbours share an edge: no gap from rounding.
  const w = Math.max(1, Math.round(box.x + box.width) - x);
  const h = Math.max(1, Math.round(box.y + box.height) - y);
  const when = enable === undefined ? '' : `:enable='${enable}'`;
  return `drawbox=x=${x}:y=${y}:w=${w}:h=${h}:color=0x${color}:t=fill${when}`;
}

function even(value: number): number {
  return Math.max(2, Math.round(value / 2) * 2);
}
