/** Which qualities the frame without JavaScript plays and offers. */
import { randomBytes } from 'node:crypto';
import { leastKbpsWithSound } from '../delivery/packaging/audible-gecko.ts';
import { mbPerHourOf, type Quality } from '../delivery/qualities.ts';
import { mainName } from '../live/renditions.ts';
import { addressed } from './addressed.ts';

export type Source = { src: string; type: string };

/** A link to another quality; without `href` it is the one that is shown. */
export type QualityLink = { href: string; label: string; cost: string; isShown: boolean };

/** `ago`: seconds; undefined for what is live. */
type Shown = { sound: boolean; query: string; ago?: number | undefined };

const familyOf = ({ type }: Quality): string => /codecs="(\w{4})/.exec(type)?.[1] ?? type;

/**
 * What the element may play, best first: the chosen quality; or the main one, and after it those in other codecs, of
 * which a browser takes the first that it has.
 */
export function sourcesOf(
  qualities: readonly Quality[],
  { sound, query, ago, chosen }: Shown & { chosen: Quality | undefined },
): Source[] {
  const [main] = qualities;
  const pictures = qualities.filter(({ kind }) => kind === 'pictures');
  const others = pictures
    .filter(each => main && familyOf(each) !== familyOf(main))
    .toSorted((one, other) => other.height - one.height || other.kbps - one.kbps);
  const wanted = chosen ? [chosen] : main ? [main, ...others] : [];
  return wanted.map(each => {
    const quality = each.name === mainName ? undefined : each.name;
    const withSound = sound && each.kind === 'pictures' ? '1' : undefined;
    return {
      src: videoAddress({ query, quality, sound: withSound, ago: ago?.toString() }),
      type: each.type,
    };
  });
}

/**
 * An address that was never asked for. Firefox goes on with what it has of an address for some seconds after the element
 * has gone (HTMLMediaElement LookupMediaElementURITable), and stands still at its end: pressed twice, a link froze the picture.
 */
export function videoAddress(parameters: Parameters<typeof addressed>[1]): string {
  return addressed('/stream.mp4', { n: randomBytes(6).toString('base64url'), ...parameters });
}

/** None where there is nothing to choose. */
export function qualityLinks(
  qualities: readonly Quality[],
  { sound, query, ago, shown }: Shown & { shown: Quality | undefined },
): QualityLink[] {
  if (qualities.length < 2) return [];
  return qualities.map(quality => {
    const { name, label } = quality;
    const mbPerHour = sound && ago === undefined ? mbPerHourWithSound(quality) : quality.mbPerHour;
    return {
      href: addressed('/player', {
        query,
        quality: name === mainName ? undefined : name,
        sound: sound ? '1' : undefined,
        ago: ago?.toString(),
      }),
      label,
      cost: mbPerHour === 0 ? '' : `≈ ${mbPerHour} MB/h`,
      isShown: name === shown?.name,
    };
  });
}

/** Pictures beside sound are filled up for Firefox. */
function mbPerHourWithSound({ name, kind, kbps, mbPerHour }: Quality): number {
  return kind === 'pictures' ? mbPerHourOf(Math.max(kbps, leastKbpsWithSound(name !== mainName))) : mbPerHour;
}
