/** Message text → typed pieces for whoever renders it. Knows no HTML. */

/** `text` is always the source: the pieces' texts joined are the message. */
export type Piece =
  | { type: 'text'; text: string }
  | { type: 'break'; text: '\n' }
  /** A whole line that begins with `>`. */
  | { type: 'quote'; text: string }
  /** `href` is absolute and ASCII; http: and https: only. */
  | { type: 'link'; text: string; href: string }
  /** `@name` or `@name#tag`. */
  | { type: 'mention'; text: string; name: string; tag: string | undefined }
  /** `>>123` */
  | { type: 'reply'; text: string; number: number }
  /** `:name:` of an emote that exists. */
  | { type: 'emote'; text: string; name: string };

// Every alternative begins at a character that tells it apart and has bounded repeats, so that the whole is
// linear in the text. Links: up to the next space or bracket; a v3 onion name needs no scheme.
const token =
  /(?<link>[Hh]ttps?:\/\/[^\s<>"`]{1,2000})|(?<![\p{L}\p{N}.@/-])(?<onion>(?:[a-z0-9-]{1,63}\.){0,2}[a-z2-7]{56}\.onion(?![\p{L}\p{N}.-])(?::\d{1,5})?(?:\/[^\s<>"`]{0,2000})?)|>>(?<reply>[1-9]\d{0,14})(?!\d)|(?<![\p{L}\p{N}_@])@(?<name>[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_.-]{0,62}[\p{L}\p{M}\p{N}_])?)(?<tag>#[a-z0-9]{2,12}(?![\p{L}\p{N}]))?|:(?<emote>[a-z0-9_]{2,32}):/gu;

/** The pieces of a cleaned text; `emotes` says which names exist. */
export function formatText(text: string, emotes: { has(name: string): boolean }): Piece[] {
  const pieces: Piece[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (index > 0) pieces.push({ type: 'break', text: '\n' });
    if (/^>(?!>\d)/.test(line)) pieces.push({ type: 'quote', text: line });
    else formatLine(line, emotes, pieces);
  }
  return pieces;
}

function formatLine(line: string, emotes: { has(name: string): boolean }, pieces: Piece[]): void {
  let done = 0;
  // A copy of its own: a global regular expression remembers where it stopped.
  const search = new RegExp(token);
  for (let match = search.exec(line); match; match = search.exec(line)) {
    const piece = pieceOf(match, emotes);
    if (!piece) {
      // The last colon of this one may be the first of the next: `:no:yes:`.
      if (match.groups?.emote !== undefined) search.lastIndex--;
      continue;
    }
    if (match.index > done) pieces.push({ type: 'text', text: line.slice(done, match.index) });
    pieces.push(piece);
    done = match.index + piece.text.length;
  }
  if (done < line.length) pieces.push({ type: 'text', text: line.slice(done) });
}

function pieceOf(match: RegExpExecArray, emotes: { has(name: string): boolean }): Piece | undefined {
  const [text] = match;
  const { link, onion, reply, name, tag, emote } = match.groups ?? {};
  if (link !== undefined) return linkPiece(link, '');
  if (onion !== undefined) return linkPiece(onion, 'http://');
  if (reply !== undefined) return { type: 'reply', text, number: Number(reply) };
  if (name !== undefined) return { type: 'mention', text, name, tag };
  if (emote !== undefined && emotes.has(emote)) return { type: 'emote', text, name: emote };
  return undefined;
}

function linkPiece(found: string, scheme: '' | 'http://'): Piece | undefined {
  const text = withoutClosing(found);
  const url = URL.parse(scheme + text);
  // A user name before the host is there to make the link look like another's.
  const isPlain = url?.username === '' && url.password === '' && url.hostname.includes('.');
  return isPlain ? { type: 'link', text, href: url.href } : undefined;
}

/** Without the punctuation of the sentence around it; a `)` stays if the link opened it. */
function withoutClosing(link: string): string {
  let open = link.split('(').length - link.split(')').length;
  let end = link.length;
  for (; end > 0; end--) {
    const last = link.charAt(end - 1);
    if (last === ')' && open < 0) open++;
    else if (!/[.,;:!?'\]}*]/.test(last)) break;
  }
  return link.slice(0, end);
}
