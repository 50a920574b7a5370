import chromiumInPackage from '@sparticuz/chromium';
import { type Browser, chromium, type Page } from 'playwright-core';
import { loadStaticFiles, type StaticFile } from '#platform/static-files';
import { ensureConsole } from '../../console/build.ts';
import { consoleVariable } from './console.ts';

/** The built console of this run; a test file that is run alone builds it into `folder`. */
export async function consolePages(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  return await loadStaticFiles(process.env[consoleVariable] ?? (await ensureConsole(folder)));
}

/** A real Chromium, the one that its npm package carries. */
export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: await chromiumInPackage.executablePath(),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    headless: true,
  });
}

export interface Watched {
  readonly page: Page;
  /** What the page complained of: broken policies, errors, failed requests other than refusals. */
  readonly complaints: string[];
}

/** A page in a given zone and scheme that notes everything the browser complains of. */
export async function watchedPage(
  browser: Browser,
  options: { readonly dark?: boolean; readonly width?: number } = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1440, height: 900 },
    colorScheme: options.dark === true ? 'dark' : 'light',
    timezoneId: 'Europe/London',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    const isRefusal = /status of 4\d\d/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !isRefusal) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints };
}
