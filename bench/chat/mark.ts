/** A message's text carries when it was sent, in nanoseconds of the clock that all processes of a machine share. */
export function newMark(nonce: number): string {
  return `mark-${nonce}-${process.hrtime.bigint()}-end`;
}

const pattern = /mark-\d+-(\d+)-end/g;

/** The next mark from `from` on. */
export function markIn(text: string, from: number): { sentNs: bigint; end: number } | undefined {
  const search = new RegExp(pattern);
  search.lastIndex = from;
  const match = search.exec(text);
  return match?.[1] === undefined ? undefined : { sentNs: BigInt(match[1]), end: search.lastIndex };
}
