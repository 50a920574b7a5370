import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { addStaff } from '#access';
import { consolePages, openBrowser, watchedPage } from '../harness/browser.ts';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';
import { startWitness } from '../harness/witness.ts';

/** The auditor looks whether the audit is sealed and witnessed, in a real browser against a whole bureau. */
let bureau: TestBureau;
let browser: Browser;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firstlight-console-'));
  const witnesses: Awaited<ReturnType<typeof startWitness>>[] = [];
  bureau = await startTestBureau({ pages: await consolePages(folder), now: new Date(), witnesses });
  witnesses.push(await startWitness(bureau.signingKey.published.map((key) => key.verifierKey)));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

test('the auditor sees up to where the audit is sealed, who witnessed it, and when it was set back', async () => {
  const issued = await testCtx(bureau.db, { now: bureau.clock.now() }).run(
    async (ctx) => await addStaff(ctx, { name: 'Avery Example', roles: ['auditor'] }),
  );
  const { page } = await watchedPage(browser);
  await page.goto(`${bureau.url}/sign-in#${issued.token}`);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  await bureau.app.sealer.sealAll();
  await page.goto(`${bureau.url}/audit`);
  const state = page.getByRole('region', { name: 'Audit log' });
  await state.getByText(/^Sealed: \d+ entries, up to audit row \d+/).waitFor();
  await state.getByText(/^Witness witness\.example\/w1: cosigned \d+ entries/).waitFor();
  const { violations } = await new AxeBuilder({ page }).include('.audit-log').analyze();
  assert.deepEqual(violations, []);

  await bureau.db.pool.query(
    'begin; set local session_replication_role = replica; delete from access.log_cosignature; delete from access.log_checkpoint; commit',
  );
  await page.reload();
  await state
    .getByRole('alert')
    .getByText(/The database was set back/)
    .waitFor();
});
