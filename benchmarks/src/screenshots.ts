/**
 * The pictures of the docs: parts of `docs/workloads.html` as Chromium shows them, in `docs/pictures/`.
 *
 * Usage: `pnpm --filter @tierlab/benchmarks screenshots`; `CHROMIUM_PATH` says where Chromium is, otherwise /usr/bin.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';

const root = resolve(import.meta.dirname, '../..');
const folder = resolve(root, 'docs/pictures');
mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const shots = [
  { name: 'comparison', id: 'comparison', colorScheme: 'light', height: 640 },
  { name: 'heat', id: 'heat', colorScheme: 'light', height: 900 },
  { name: 'run', id: 'runs', colorScheme: 'dark', height: 900 },
] as const;
for (const { name, id, colorScheme, height } of shots) {
  const page = await browser.newPage({ colorScheme, viewport: { width: 1160, height } });
  await page.goto(pathToFileURL(resolve(root, 'docs/workloads.html')).href);
  // The head of the page would lie over the part.
  await page.addStyleTag({ content: 'header { display: none } html { scroll-padding-top: 0 }' });
  const part = id === 'runs' ? 'details.run[open]' : `#${id}`;
  await page.evaluate(`document.querySelector('${part}').scrollIntoView()`);
  await page.waitForTimeout(300);
  await page.evaluate(`document.querySelector('${part}').scrollIntoView()`);
  await page.waitForTimeout(500);
  await page.screenshot({ path: resolve(folder, `${name}.png`) });
  await page.close();
  process.stdout.write(`docs/pictures/${name}.png\n`);
}
await browser.close();
