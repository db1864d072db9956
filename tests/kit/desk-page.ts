/** The desk in a real browser, with JavaScript or without, as a person uses it. */
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { until } from './until.ts';

// A browser on a busy machine.
const deadlineMs = 15_000;

/** What an expression gives; undefined while a page gives way to another. As text: see watch-page.ts. */
export async function look(page: Page, expression: string): Promise<unknown> {
  return page.evaluate(expression).catch(() => undefined);
}

export async function untilDesk(page: Page, what: string, expression: string): Promise<void> {
  await until(what, async () => (await look(page, expression)) === true, deadlineMs);
}

const place = z.object({ x: z.number(), y: z.number() });
// Firefox scrolls where it draws a little before it scrolls where it looks for what was clicked.
const restingLooks = 6;

/** Clicks into the middle of an element of the complete page, as with a mouse, once it is in view and rests there. */
export async function clickOn(page: Page, selector: string): Promise<void> {
  const middle = `(element => {
    if (!element || document.readyState === 'loading') return undefined;
    element.scrollIntoView({ block: 'nearest' });
    const box = element.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    return element.contains(document.elementFromPoint(x, y)) ? { x, y } : undefined;
  })(document.querySelector(${JSON.stringify(selector)}))`;
  let last: string | undefined;
  let rested = 0;
  const resting = async (): Promise<z.infer<typeof place> | undefined> => {
    const { data } = place.safeParse(await look(page, middle));
    rested = data && JSON.stringify(data) === last ? rested + 1 : 0;
    last = JSON.stringify(data);
    return rested >= restingLooks ? data : undefined;
  };
  const { x, y } = await until(`${selector} to click on`, resting, deadlineMs);
  await page.mouse.click(x, y);
}

/** Clicks into a field and types in place of what stood there; resolves once it stands there. */
export async function typeInto(page: Page, selector: string, text: string): Promise<void> {
  const field = `document.querySelector(${JSON.stringify(selector)})`;
  // A page that has just come may not take keys yet.
  const isTyped = async (): Promise<boolean> => {
    await clickOn(page, selector);
    if ((await look(page, `document.activeElement === ${field}`)) !== true) return false;
    await page.keyboard.down('Control');
    await page.keyboard.press('KeyA');
    await page.keyboard.up('Control');
    await page.keyboard.type(text);
    return (await look(page, `${field}.value`)) === text;
  };
  await until(`“${text}” in ${selector}`, isTyped, deadlineMs);
}

/** Resolves once the line at the top says it. */
export async function untilTold(page: Page, pattern: RegExp): Promise<void> {
  let told = '';
  const isTold = async (): Promise<boolean> => {
    told = String(await look(page, `document.querySelector('#told')?.textContent ?? ''`));
    return pattern.test(told);
  };
  await until(`the answer ${pattern}`, isTold, deadlineMs).catch(error => {
    throw new Error(`${error instanceof Error ? error.message : error}; it says “${told.trim()}”`);
  });
}

/** Opens a page of the desk, logged in; `path` as in `people`. */
export async function openDeskPage(page: Page, url: string, path = ''): Promise<void> {
  const address = `${url}broadcaster${path === '' ? '' : `/${path}`}`;
  await page.goto(address, { waitUntil: 'domcontentloaded' });
  await untilDesk(
    page,
    'the desk',
    `document.readyState !== 'loading' && document.querySelector('#desk-main') !== null`,
  );
}

export async function logIn(page: Page, url: string, password: string): Promise<void> {
  await page.goto(`${url}broadcaster`, { waitUntil: 'domcontentloaded' });
  await typeInto(page, '[name=username]', 'broadcaster');
  await typeInto(page, '[name=password]', password);
  await page.keyboard.press('Enter');
  await untilDesk(page, 'the desk', `document.querySelector('#desk-main') !== null`);
}

/**
 * What is wrong with how the page looks, in words: scrolled sideways, text whose contrast is below 4.5 (WCAG 2.2,
 * 1.4.3), controls without a name.
 */
export async function faultsOf(page: Page): Promise<string[]> {
  const find = `(() => {
    const faults = [];
    if (document.documentElement.scrollWidth > innerWidth) faults.push('it scrolls sideways');
    const shown = element => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
    const parse = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, index) => sum + c * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = element => {
      for (let at = element; at; at = at.parentElement) {
        const [r, g, b, alpha = 1] = parse(getComputedStyle(at).backgroundColor);
        if (alpha === 1) return [r, g, b];
      }
      return [14, 14, 16];
    };
    for (const element of document.querySelectorAll('body *')) {
      const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data).join('').trim();
      if (text === '' || !shown(element)) continue;
      const box = element.getBoundingClientRect();
      if (box.right > innerWidth + 1 && !element.closest('pre')) faults.push('cut off: ' + text.slice(0, 40));
      const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
      const contrast = (one + 0.05) / (other + 0.05);
      if (contrast < 4.5) faults.push('contrast ' + contrast.toFixed(2) + ': ' + text.slice(0, 40));
    }
    for (const control of document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')) {
      const name = (control.getAttribute('aria-label') ?? '') + [...(control.labels ?? [])].map(each => each.textContent).join('') +
        (control.matches('button, a') ? control.textContent : '');
      if (name.trim() === '') faults.push('without a name: ' + control.outerHTML.slice(0, 80));
    }
    for (const iframe of document.querySelectorAll('iframe')) if (!iframe.title) faults.push('a frame without a title');
    for (const landmark of ['header', 'nav', 'main']) if (!document.querySelector(landmark)) faults.push('no ' + landmark);
    const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
    for (const id of ids.filter((id, at) => ids.indexOf(id) < at)) faults.push('twice: #' + id);
    return faults;
  })()`;
  return z.array(z.string()).parse(await page.evaluate(find));
}
