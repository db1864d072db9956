/** What stands in a captcha's id: nothing about it has to be remembered until it is answered. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export type Ticket = {
  /** Counts the captchas handed out. */
  serial: number;
  /** The picture's number. */
  picture: number;
  issuedAtMs: number;
};

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
/** Three numbers of 48 bits. */
const bodyBytes = 18;

/** Seals tickets into 62 letters of base64url and opens them; the key lives and dies with this object. */
export class TicketSeal {
  readonly #key = randomBytes(32);

  seal({ serial, picture, issuedAtMs }: Ticket): string {
    const body = Buffer.alloc(bodyBytes);
    body.writeUIntBE(serial, 0, 6);
    body.writeUIntBE(picture, 6, 6);
    body.writeUIntBE(issuedAtMs, 12, 6);
    const iv = randomBytes(ivBytes);
    const sealer = createCipheriv(cipher, this.#key, iv);
    return Buffer.concat([iv, sealer.update(body), sealer.final(), sealer.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** undefined: not sealed here, or changed since. */
  open(id: string): Ticket | undefined {
    const sealed = Buffer.from(id, 'base64url');
    // Only one way of writing an id is that id.
    if (sealed.length !== ivBytes + bodyBytes + tagBytes || sealed.toString('base64url') !== id)
      return undefined;
    const opener = createDecipheriv(cipher, this.#key, sealed.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    });
    opener.setAuthTag(sealed.subarray(-tagBytes));
    try {
      const body = Buffer.concat([opener.update(sealed.subarray(ivBytes, -tagBytes)), opener.final()]);
      return {
        serial: body.readUIntBE(0, 6),
        picture: body.readUIntBE(6, 6),
        issuedAtMs: body.readUIntBE(12, 6),
      };
    } catch {
      return undefined;
    }
  }
}
