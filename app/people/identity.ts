import { createHmac, randomBytes } from 'node:crypto';

/** Crockford's base 32: no letters that are mistaken for others. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const tagLength = 4;

/** 128 bits as 22 characters of base64url: whoever holds it is the person. */
export function newSessionToken(random: (bytes: number) => Buffer = randomBytes): string {
  return random(16).toString('base64url');
}

export function isSessionToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(text);
}

/** The public id of the holder of `token`: 16 hex digits that don't lead back to it. `key`: subkey `person`. */
export function personId(key: Uint8Array, token: string): string {
  return createHmac('sha256', key).update(token).digest('hex').slice(0, 16);
}

/** `#k3f9`, from 20 bits of the id. */
export function tagOf(id: string): string {
  const bits = Number.parseInt(id.slice(0, (tagLength * 5) / 4), 16);
  const digits = Array.from({ length: tagLength }, (_, place) => alphabet.charAt((bits >> (place * 5)) & 31));
  return `#${digits.join('')}`;
}
