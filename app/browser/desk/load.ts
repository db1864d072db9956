const patienceMs = 20_000;

export const noAnswer = 'No answer from the server.';

/** `ok`: what was sent was done. */
type Loaded = { page: Document; ok: boolean };
type Failed = 'logged out' | { sentence: string };

/** A page of the desk; or why there is none, in words. */
export async function load(address: string, init: RequestInit = {}): Promise<Loaded | Failed> {
  try {
    const response = await fetch(address, { ...init, signal: AbortSignal.timeout(patienceMs) });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (page.getElementById('told')) return { page, ok: response.ok };
    if (page.querySelector('[name="username"]')) return 'logged out';
    const words = [...page.querySelectorAll('h1, h1 + p')].map(each => each.textContent);
    return { sentence: words.join(': ') || noAnswer };
  } catch {
    return { sentence: noAnswer };
  }
}
