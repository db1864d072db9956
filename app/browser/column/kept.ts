/** What was typed and not yet acknowledged, kept over a reload of the page; gone with the tab. */

/** A message on its way. `by`: who the reader was then: only the same person's nonce is recognised. */
export type Letter = { nonce: string; text: string; by: string; replyTo?: number };

export type Kept = { text: string; replyTo?: number; letter?: Letter };

const key = 'chat';

/** Without a storage (some browsers' strictest settings throw) a reload loses what was typed, and nothing else. */
export function keep(kept: Kept): void {
  try {
    if (kept.text === '' && kept.replyTo === undefined && !kept.letter) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // Nothing else can be done.
  }
}

export function whatWasKept(): Kept {
  try {
    const kept: Partial<Kept> | null = JSON.parse(sessionStorage.getItem(key) ?? 'null');
    return { text: '', ...kept };
  } catch {
    return { text: '' };
  }
}
