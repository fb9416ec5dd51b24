import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderPage } from '@mcpgen/build-metrics/page';
import { type TemporaryDirectory, temporaryDirectory } from '@mcpgen/testing';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largeRecord, sample } from './sample-record.ts';

// The machine's own browser: Debian's package `chromium`.
const places = [
  process.env.MCPGEN_TEST_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = places.find((path) => path !== undefined && existsSync(path));
const isRequired = process.env.MCPGEN_TEST_CHROMIUM !== undefined;
if (executablePath === undefined && !isRequired) {
  process.stdout.write('skipped: the page in a browser, since there is no chromium\n');
}

describe.skipIf(executablePath === undefined && !isRequired)('the page in a browser', () => {
  let browser: Browser;
  let directory: TemporaryDirectory;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    browser = await chromium.launch({
      ...(executablePath && { executablePath }),
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await directory?.remove();
  });

  async function open(
    html: string,
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; complaints: string[] }> {
    const path = join(directory.path, 'page.html');
    await writeFile(path, html);
    const page = await browser.newPage({ ...options, offline: true });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => !request.url().startsWith('file:') && complaints.push(request.url()));
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('html[data-ready]');
    return { page, complaints };
  }

  /** Pictures of the page, for whoever asks for them. */
  async function picture(page: Page, name: string): Promise<void> {
    const where = process.env.MCPGEN_TEST_SCREENSHOTS;
    const shot = await page.screenshot({ fullPage: true });
    expect(shot.length).toBeGreaterThan(10_000);
    if (where === undefined) return;
    await mkdir(where, { recursive: true });
    await writeFile(join(where, `${name}.png`), shot);
  }

  it('draws the timeline and the history, and complains of nothing', async () => {
    const { page, complaints } = await open(
      renderPage(largeRecord(2000), { history: [1, 2, 3].map((at) => largeRecord(9, at)) }),
    );
    expect(await page.locator('#timeline canvas').count()).toBe(1);
    expect(await page.locator('#history canvas').count()).toBe(1);
    expect(await page.locator('#table tbody tr').count()).toBe(100);
    await picture(page, 'large');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('is read on a phone without scrolling sideways, in the dark', async () => {
    const phone = { viewport: { width: 360, height: 740 }, colorScheme: 'dark' as const };
    const { page, complaints } = await open(renderPage(sample), phone);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(15, 20, 25)');
    await picture(page, 'phone');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('is used by keyboard, and says aloud what is chosen', async () => {
    const { page } = await open(renderPage(sample));
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the steps');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('timeline');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const detail = page.locator('#detail');
    expect(await detail.getAttribute('aria-live')).toBe('polite');
    expect(await detail.textContent()).toContain(
      'bundle:a: ran on worker 1, 300 ms from 100 ms · on the critical path',
    );
    await page.keyboard.press('ArrowDown');
    expect(await detail.textContent()).toContain('bundle:b: restored on worker 2');
    expect(await detail.textContent()).toContain('(remote)');
    await page.keyboard.press('+');
    await page.keyboard.press('0');
    await page.close();
  });

  it('has names, headings and tables for a screen reader', async () => {
    const { page } = await open(renderPage(sample));
    const tree = await page.locator('body').ariaSnapshot();
    for (const part of [
      'heading "Timeline by worker" [level=2]',
      'application "Timeline of 4 steps"',
      'columnheader "why"',
      'searchbox "Show only"',
    ]) {
      expect(tree).toContain(part);
    }
    await page.close();
  });

  it.each(['light', 'dark'] as const)('has nothing that axe complains of, in the %s', async (colorScheme) => {
    const history = [1, 2, 3].map((at) => largeRecord(9, at));
    for (const record of [sample, largeRecord(200)]) {
      const { page } = await open(renderPage(record, { history }), { colorScheme });
      await page.addScriptTag({ content: axe.source });
      const found = await page.evaluate(
        `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })`,
      );
      const { violations } = found as axe.AxeResults;
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      await page.close();
    }
  });

  it('finds steps as they are typed, and shows all of them', async () => {
    const { page } = await open(renderPage(largeRecord(2000)));
    await page.locator('#filter').fill('server_199');
    expect(await page.locator('#count').textContent()).toBe('11 of 2000 steps, the slowest first');
    await page.locator('#filter').fill('');
    await page.locator('#more').click();
    expect(await page.locator('#table tbody tr').count()).toBe(2000);
    await page.close();
  });

  it('stays fluid with 2,000 steps: a frame of the timeline takes a few milliseconds of work', async () => {
    const { page } = await open(renderPage(largeRecord(2000)));
    await page.locator('#timeline').focus();
    const trace = await page.evaluate(`(async () => {
      const drawn = [];
      const fill = CanvasRenderingContext2D.prototype.fillRect;
      let bars = 0;
      CanvasRenderingContext2D.prototype.fillRect = function (...box) { bars += 1; return fill.apply(this, box); };
      for (let turn = 0; turn < 20; turn += 1) {
        document.getElementById('timeline').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
        await new Promise((resolve) => requestAnimationFrame(resolve));
        drawn.push(bars);
        bars = 0;
      }
      return drawn;
    })()`);
    // Each choice draws each bar once, and nothing else grows: no element is made for a step of the timeline.
    expect(Math.max(...(trace as number[]))).toBeLessThanOrEqual(2 * 2000);
    expect(await page.locator('#timeline *').count()).toBeLessThan(40);
    await page.close();
  });

  it('zooms and scrolls 2,000 steps within the time of a frame', async () => {
    const { page } = await open(renderPage(largeRecord(2000)));
    const devtools = await page.context().newCDPSession(page);
    // CPU time: what else the machine does is not the page's.
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    const work = async (): Promise<number> => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
    };
    const frames: number[] = [];
    for (const key of ['+', '+', 'ArrowRight', '-', 'ArrowDown', '+', '-', '0', 'End', 'Home']) {
      const before = await work();
      await page.evaluate(`new Promise((resolve) => {
        document.getElementById('timeline').dispatchEvent(new KeyboardEvent('keydown', { key: '${key}' }));
        scrollBy(0, 40);
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      })`);
      frames.push((await work()) - before);
    }
    // Two frames each.
    expect(frames.sort((a, b) => a - b)[frames.length >> 1]).toBeLessThan(2 * 16);
    await page.close();
  });
});
