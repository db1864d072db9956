import { clampChroma, formatHex, modeLrgb, modeOklch, modeRgb, useMode, wcagContrast } from 'culori/fn';
import { Failure } from '../lib/failure.ts';

// culori/fn knows no colour space until told; the whole of culori takes eight times as long to load.
useMode(modeRgb);
useMode(modeLrgb);
const toOklch = useMode(modeOklch);

/** WCAG 2.2, success criterion 1.4.3, for text of ordinary size. */
export const minContrast = 4.5;

/** Finer differences of lightness vanish in #rrggbb. */
const lightnessStep = 1 / 1024;

/** `#rrggbb` from what a colour field sends (`#rgb` or `#rrggbb`); throws Failure `colour-invalid`. */
export function parseColour(text: string): string {
  const [, digits] = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(text.trim()) ?? [];
  if (digits === undefined) {
    throw new Failure(
      'colour-invalid',
      `${JSON.stringify(text.slice(0, 16))} is not a colour. Write six hexadecimal digits, such as #4fc3f7.`,
    );
  }
  return `#${digits.length === 6 ? digits : digits.replaceAll(/./g, '$&$&')}`.toLowerCase();
}

/** WCAG 2 contrast ratio of two `#rrggbb`, from 1 to 21. */
export function contrast(one: string, other: string): number {
  return wcagContrast(one, other);
}

/**
 * The colour nearest to `hex` in OKLCH lightness, of the same hue, with contrast of 4.5 or more on `background`
 * (both `#rrggbb`); `hex` itself if it has that.
 */
export function readableColour(hex: string, background: string): string {
  const { l, c, h } = toOklch(hex) ?? { l: 0, c: 0, h: 0 };
  if (contrast(hex, background) >= minContrast) return hex;
  // White or black always has 4.58 or more, whatever the background.
  let readable = isDark(background) ? 1 : 0;
  let unreadable = l;
  while (Math.abs(readable - unreadable) > lightnessStep) {
    const middle = (readable + unreadable) / 2;
    if (contrast(oklch(middle, c, h ?? 0), background) >= minContrast) readable = middle;
    else unreadable = middle;
  }
  return oklch(readable, c, h ?? 0);
}

/** A colour for the person with this id (hex digits): all equally light, hues spread evenly. */
export function colourOf(id: string, background: string): string {
  // Not the digits that make the tag: people with similar tags should differ in colour.
  const turn = Number.parseInt(id.slice(-6), 16) / 0x1000000;
  return readableColour(oklch(isDark(background) ? 0.78 : 0.48, 0.14, turn * 360), background);
}

/** Two colours, readable on each other, from four random bytes. */
export function colourPair(bytes: Uint8Array): { foreground: string; background: string } {
  const [hue = 0, lightness = 0, foregroundHue = 0, chroma = 0] = bytes;
  const background = oklch(0.25 + (lightness / 255) * 0.65, 0.04 + (chroma / 255) * 0.12, (hue / 256) * 360);
  const start = oklch(isDark(background) ? 0.85 : 0.3, 0.14, (foregroundHue / 256) * 360);
  return { foreground: readableColour(start, background), background };
}

function isDark(hex: string): boolean {
  return contrast('#ffffff', hex) >= contrast('#000000', hex);
}

/** The nearest chroma that screens can show, as `#rrggbb`. */
function oklch(l: number, c: number, h: number): string {
  return formatHex(clampChroma({ mode: 'oklch', l, c, h }, 'oklch')) ?? '#ffffff';
}
