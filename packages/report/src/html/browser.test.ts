import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { madeRecord, madeSweep } from '../../test/made-records.ts';
import { RESULT_VERSION } from '../result.ts';
import { renderHtml } from './page.ts';

// The page in a real browser, opened from disk. Where there is no Chromium the tests are skipped and say so; in CI that is a failure.

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const found = existsSync(executablePath);

test.runIf(!found)('a browser is there', ({ skip }) => {
  if (process.env['CI'])
    throw new Error(`no Chromium at ${executablePath}: install it, or set CHROMIUM_PATH`);
  skip(`no Chromium at ${executablePath}; set CHROMIUM_PATH`);
});

describe.runIf(found)('in Chromium', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tierlab-html-'));
  const url = pathToFileURL(join(directory, 'report.html')).href;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    const html = renderHtml({
      schemaVersion: RESULT_VERSION,
      title: '<b>"hostile" & title</b>',
      records: madeSweep(),
      pairs: [
        {
          trace: 't',
          machine: 'm',
          capacities: 'node0=4096',
          policy: 'a',
          other: 'b',
          pairs: 7,
          timeRatio: 0.9,
          timeRatioLow: 0.85,
          timeRatioHigh: 0.95,
          verdict: 'quicker',
        },
      ],
    });
    writeFileSync(join(directory, 'report.html'), html);
    // Chromium keeps no sandbox where tests run as root.
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true });
  });

  test('opens without a word on the console and without asking for anything else', () => {
    expect(complaints).toEqual([]);
    expect(requests.filter((each) => !each.startsWith('data:'))).toEqual([url]);
  });

  test('shows a title with markup in it as it is written', async () => {
    expect(await page.title()).toBe('<b>"hostile" & title</b>');
    expect(await page.textContent('h1')).toBe('<b>"hostile" & title</b>');
  });

  test('nothing is wider than the window, in a small one neither', async () => {
    for (const width of [1280, 600, 380]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
        width,
      );
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  test('sorts by a column, up and down, by keyboard alone', async () => {
    const column = async (): Promise<number[]> => {
      const cells = await page.$$eval('#comparison tbody tr', (rows) =>
        rows.map((row) => {
          const table = row.parentElement?.parentElement as unknown as {
            tHead: { rows: { cells: { textContent: string }[] }[] };
          };
          const heads = Array.from(table.tHead.rows[0]?.cells ?? [], (cell) => cell.textContent);
          return (row as unknown as { cells: { dataset: { v: string } }[] }).cells[
            heads.indexOf('slowdown')
          ]?.dataset.v;
        }),
      );
      return cells.map(Number);
    };
    const head = page.locator('#comparison th button', { hasText: 'slowdown' });
    await head.focus();
    await page.keyboard.press('Enter');
    expect(await column()).toEqual((await column()).toSorted((a, b) => a - b));
    await page.keyboard.press('Enter');
    expect(await column()).toEqual((await column()).toSorted((a, b) => b - a));
    expect(await page.getAttribute('#comparison th[aria-sort]', 'aria-sort')).toBe('descending');
  });

  test('follows a link from the table to the run, and unfolds it', async () => {
    const link = page.locator('#comparison tbody a').last();
    const id = (await link.getAttribute('href'))?.slice(1) ?? '';
    await link.click();
    await expect.poll(() => page.locator(`[id="${id}"]`).getAttribute('open')).toBe('');
  });

  test('shows values under the keyboard, and hides them again', async () => {
    const chart = page.locator('details[open] svg[data-chart]').first();
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await page.textContent('.tip')).toMatch(/ms.*tier 0.*%/);
    await page.keyboard.press('Escape');
    expect(await page.locator('.tip').count()).toBe(0);
  });

  test('is light or dark as the system says, until told otherwise', async () => {
    const paper = (): Promise<string> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await paper()).toBe('rgb(20, 23, 26)');
    await page.click('.theme');
    expect(await paper()).toBe('rgb(255, 255, 255)');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.click('.theme');
    expect(await paper()).toBe('rgb(20, 23, 26)');
  });

  test('text is readable on its paper in both schemes: WCAG 2.2, 1.4.3', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const fresh = await browser.newPage({ colorScheme });
      await fresh.goto(url);
      const ratios = await fresh.evaluate(`(() => {
        const rgb = (text) => text.match(/\\d+/g).slice(0, 3).map(Number);
        const light = (text) => { const [r, g, b] = rgb(text).map((c) => { const s = c / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const paper = light(getComputedStyle(document.body).backgroundColor);
        return ['body', '.note', 'a', 'td.good', 'thead th'].map((selector) => {
          const ink = light(getComputedStyle(document.querySelector(selector)).color);
          return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        });
      })()`);
      for (const ratio of ratios as number[]) expect(ratio).toBeGreaterThan(4.5);
      await fresh.close();
    }
  });

  test('a long report is painted within a second', async () => {
    // What ten million samples leave behind: 256 intervals a run, whatever the length of the trace.
    const records = Array.from({ length: 200 }, (_, i) =>
      madeRecord({ policy: `policy-${i % 40}`, seed: Math.floor(i / 40) + 1, intervals: 256 }),
    );
    const file = join(directory, 'long.html');
    const html = renderHtml({ schemaVersion: RESULT_VERSION, title: 'long', records });
    expect(html.length).toBeGreaterThan(2_000_000);
    expect(html.length).toBeLessThan(5_000_000);
    writeFileSync(file, html);
    const paints: number[] = [];
    for (let load = 0; load < 4; load++) {
      const fresh = await browser.newPage({ colorScheme: load % 2 === 0 ? 'light' : 'dark' });
      fresh.on('console', (message) => complaints.push(message.text()));
      await fresh.goto(pathToFileURL(file).href);
      const paint = `new Promise((resolve) => {
        const found = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
        const look = () => found() === undefined ? setTimeout(look, 20) : resolve(found());
        look();
      })`;
      paints.push(await fresh.evaluate<number>(paint));
      await fresh.close();
    }
    // The least: others may keep the machine busy.
    expect(Math.min(...paints)).toBeLessThan(1000);
    expect(complaints).toEqual([]);
  });

  test('prints with every section unfolded', async () => {
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    expect(await page.locator('details:not([open])').count()).toBe(0);
  });
});
