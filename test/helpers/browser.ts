/** A headless Chromium for tests of pages, when this machine has one. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import * as inPage from './in-page.mjs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser, or null when there is none; then a test says so and passes. */
export async function openBrowser(): Promise<Browser | null> {
  const executablePath =
    process.env['HOLDFAST_CHROMIUM'] ?? places.find((path) => existsSync(path));
  if (executablePath === undefined) return null;
  // The sandbox of Chromium does not start for root, as which CI runs.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** A page that was opened from a file, and all that it did meanwhile. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Addresses that it asked for, beside its own. */
  readonly requests: readonly string[];
  /** What its console and its errors said. */
  readonly complaints: readonly string[];
}

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly javaScriptEnabled?: boolean;
}

/** Opens markup as a file. */
export async function visit(browser: Browser, html: string, look: Look = {}): Promise<Visit> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-page-'));
  const path = join(folder, 'report.html');
  writeFileSync(path, html);
  const own = pathToFileURL(path).href;
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1280, height: 900 },
    colorScheme: look.scheme ?? 'light',
    javaScriptEnabled: look.javaScriptEnabled ?? true,
  });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (request.url().replace(/#.*/, '') !== own) requests.push(request.url());
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  await page.goto(own);
  return {
    page,
    requests,
    complaints,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Violations that axe finds, each with the elements it means. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  // By the debugger and not by a script element, which the policy of the page refuses.
  await page.evaluate(readFileSync(path, 'utf8'));
  return page.evaluate(inPage.runAxe);
}
