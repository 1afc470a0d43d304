/** The page of a session before a real browser: what it loads, shows, and lets its reader do. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storePage } from '../../src/page/store-page.ts';
import { transcriptPage } from '../../src/page/transcript-page.ts';
import { axeViolations, openBrowser, visit } from '../helpers/browser.ts';
import * as inPage from '../helpers/in-page.mjs';
import { attacks, hostile, large } from './hostile-samples.ts';
import { damaged, healthy } from './ledger-samples.ts';
import { damagedStore, hostileStore } from './store-samples.ts';

let browser: Browser | null = null;
beforeAll(async () => {
  browser = await openBrowser();
  if (browser === null) console.log('No Chromium here: the page was not looked at.');
});
afterAll(async () => {
  await browser?.close();
});

const pages = {
  damaged: () => [...transcriptPage(damaged())].join(''),
  healthy: () => [...transcriptPage(healthy())].join(''),
  hostile: () => [...transcriptPage(hostile())].join(''),
  store: () => [...storePage(damagedStore())].join(''),
  'hostile store': () => [...storePage(hostileStore())].join(''),
};
type Name = keyof typeof pages;
const names = Object.keys(pages) as Name[];

describe('transcriptPage in a browser', () => {
  test.each(names)('%s page asks for nothing, complains of nothing', async (name) => {
    if (browser === null) return;
    await using look = await visit(browser, pages[name]());
    const { page } = look;
    for (const opener of await page.getByText('Open all turns').all()) await opener.click();
    await page.keyboard.press('j');
    expect(look.requests).toEqual([]);
    expect(look.complaints).toEqual([]);
    expect(await page.title()).toContain('Holdfast report');
  });

  // A phone in the dark, a screen in the light: each rule meets both widths and both colours.
  const looks = [
    [380, 'dark'],
    [1280, 'light'],
  ] as const;
  test.each(
    names.flatMap((name) => looks.map(([width, scheme]) => [name, width, scheme] as const)),
  )('%s page fits into %i pixels, has contrast in %s, and axe finds nothing', async (...row) => {
    if (browser === null) return;
    const [name, width, scheme] = row;
    await using look = await visit(browser, pages[name](), { width, scheme });
    await look.page.evaluate(inPage.openAll);
    expect(await look.page.evaluate(inPage.overflow)).toBeLessThanOrEqual(0);
    expect(await look.page.evaluate(inPage.poorContrasts, 4.5)).toEqual([]);
    expect(await axeViolations(look.page)).toEqual([]);
  });

  test('theme button changes to dark and back, whatever the system prefers', async () => {
    if (browser === null) return;
    await using look = await visit(browser, pages.healthy(), { scheme: 'light' });
    const paper = (): Promise<string> => look.page.evaluate(inPage.paper);
    const light = await paper();
    await look.page.click('#theme');
    expect(await paper()).not.toBe(light);
    expect(await look.page.evaluate(inPage.poorContrasts, 4.5)).toEqual([]);
    await look.page.keyboard.press('t');
    expect(await paper()).toBe(light);
  });

  test('links lead to places that are there, and open what hides them', async () => {
    if (browser === null) return;
    await using look = await visit(browser, pages.damaged());
    const { page } = look;
    const dead = await page.evaluate(inPage.deadLinks);
    expect(dead).toEqual([]);
    await page.getByText('Close all').click();
    expect(await page.locator('#at-f2').isVisible()).toBe(false);
    await page.locator('#f2 header a').click();
    await expect.poll(() => page.locator('#at-f2').isVisible()).toBe(true);
    await expect.poll(() => page.evaluate(inPage.focused)).toBe('at-f2');
  });

  test('map marks lead to their findings, by mouse and by keyboard', async () => {
    if (browser === null) return;
    await using look = await visit(browser, pages.damaged());
    const { page } = look;
    const marks = page.locator('.map .mark');
    expect(await marks.count()).toBeGreaterThan(2);
    await marks.first().focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(inPage.focused)).toBe('f1');
  });

  test('lost bytes lead from the list to their place, and back', async () => {
    if (browser === null) return;
    await using look = await visit(browser, pages.damaged());
    const { page } = look;
    await page.locator('#lost1 a').click();
    await expect.poll(() => page.evaluate(inPage.focused)).toBe('at-lost1');
    await page.locator('#at-lost1 a').click();
    await expect.poll(() => page.evaluate(inPage.focused)).toBe('lost1');
  });

  test('filter shows only what was asked for, and says how many', async () => {
    if (browser === null) return;
    await using look = await visit(browser, pages.damaged());
    const { page } = look;
    const shown = (): Promise<number> => page.locator('#list > .finding:visible').count();
    expect(await shown()).toBe(6);
    await page.locator('.toggle.error').click();
    expect(await shown()).toBe(3);
    expect(await page.locator('#shown').textContent()).toBe('3 of 6 shown');
    expect(await page.locator('.toggle.error').getAttribute('aria-pressed')).toBe('false');
    await page.locator('.toggle.error').click();
    await page.selectOption('#code', 'TORN_RECORD');
    expect(await page.locator('#list > .finding:visible .code').allTextContents()).toEqual([
      'TORN_RECORD',
    ]);
    expect(await page.locator('.callout:visible').count()).toBe(1);
    expect(await page.locator('.map .mark:visible').count()).toBe(1);
  });

  test('keys j and k walk through the findings, and Enter goes to the place', async () => {
    if (browser === null) return;
    await using look = await visit(browser, pages.damaged());
    const { page } = look;
    const focus = (): Promise<string> => page.evaluate(inPage.focused);
    const walk: string[] = [];
    for (const key of ['j', 'j', 'j', 'k', 'ArrowDown', 'ArrowUp']) {
      await page.keyboard.press(key);
      walk.push(await focus());
    }
    expect(walk).toEqual(['f1', 'f2', 'f3', 'f2', 'f3', 'f2']);
    await page.keyboard.press('Enter');
    await expect.poll(focus).toBe('at-f2');
    await page.keyboard.press('j');
    expect(await focus()).toMatch(/^at-f\d$/);
  });

  test('tab reaches the skip link first, and every control has a visible focus', async () => {
    if (browser === null) return;
    await using look = await visit(browser, pages.damaged());
    const { page } = look;
    await page.keyboard.press('Tab');
    expect(await page.evaluate(inPage.focused)).toBe('skip');
    const outlines: string[] = [];
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press('Tab');
      outlines.push(await page.evaluate(inPage.focusOutline));
    }
    expect(outlines.filter((told) => told === 'none')).toEqual([]);
  });

  test('page without scripts is whole: every finding and turn can be read', async () => {
    if (browser === null) return;
    await using look = await visit(browser, pages.damaged(), { javaScriptEnabled: false });
    const { page } = look;
    expect(await page.locator('#list > .finding:visible').count()).toBe(6);
    expect(await page.locator('.filter').isVisible()).toBe(false);
    expect(await page.locator('.turn .message:visible').count()).toBe(16);
  });

  test('print opens what is folded and leaves the controls out', async () => {
    if (browser === null) return;
    await using look = await visit(browser, pages.damaged());
    const { page } = look;
    await page.getByText('Close all').click();
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.filter').isVisible()).toBe(false);
    expect(await page.locator('nav').isVisible()).toBe(false);
    const box = await page.locator('#at-f2').boundingBox();
    expect(box?.height).toBeGreaterThan(0);
  });

  test.each(['hostile', 'hostile store'] as const)(
    '%s words stay words: nothing of them becomes an element',
    async (name) => {
      if (browser === null) return;
      await using look = await visit(browser, pages[name]());
      const { page } = look;
      const strange = await page.evaluate(inPage.strangeThings);
      expect(strange).toEqual({ elements: 0, scripts: 1, styles: 1, handlers: 0 });
      expect(await page.evaluate(inPage.deadLinks)).toEqual([]);
      const body = await page.evaluate(inPage.bodyText);
      for (const attack of attacks.slice(0, 12)) expect(body).toContain(attack);
      expect(body).not.toMatch(/[\u202a-\u202e\u2066-\u2069\0]/);
      expect(body).toContain('\\u202e');
      expect(body).toContain('\\ud83d');
    },
  );

  test('policy of the page stops what a hole in the escaping would let in', async () => {
    if (browser === null) return;
    const hole =
      '<script>document.title = "owned"</script><style>body { display: none }</style>' +
      '<img src="https://attacker.invalid/x.png" onerror="document.title = 1">' +
      '<p style="position: fixed" onclick="document.title = 2">click</p></main>';
    await using look = await visit(browser, pages.damaged().replace('</main>', hole));
    await look.page.getByText('click', { exact: true }).click();
    expect(await look.page.title()).toContain('Holdfast report');
    expect(await look.page.locator('h1').isVisible()).toBe(true);
    const refused = look.complaints.filter((told) => told.includes('Content Security Policy'));
    expect(refused.length).toBeGreaterThanOrEqual(5);
  });

  test('100,000 messages make a page that opens and scrolls', async () => {
    if (browser === null) return;
    const html = [...transcriptPage(large(100_000))].join('');
    expect(html.length).toBeLessThan(8_000_000);
    await using look = await visit(browser, html);
    const { page } = look;
    expect(await page.locator('.turn').count()).toBe(2500);
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(inPage.focused)).toBe('at-f60');
    expect(look.complaints).toEqual([]);
  });
});
