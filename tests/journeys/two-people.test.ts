import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { sql } from 'kysely';
import type { Browser, Page } from 'playwright-core';
import { addStaff } from '#access';
import type { Role } from '#contract/administration';
import { aFiledReport, aStaffMember } from '../build.ts';
import { consolePages, openBrowser, watchedPage } from '../harness/browser.ts';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';

/**
 * What nobody does alone, in a real browser: one supervisor proposes to destroy what is due, another approves; an
 * analyst takes emergency access and a supervisor sees it at once; the auditor looks over everybody's shoulder.
 */
let bureau: TestBureau;
let browser: Browser;
let folder: string;
let reportId: string;
const complaints: string[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firstlight-console-'));
  bureau = await startTestBureau({ pages: await consolePages(folder), now: new Date() });
  reportId = await aDueReport();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

async function aDueReport(): Promise<string> {
  const db = bureau.db.kysely;
  const officer = await aStaffMember(db, { name: 'Olu Officer' });
  const filedAt = new Date(Date.now() - 400 * 86_400_000);
  const { id } = await aFiledReport(db, {
    filedAt,
    parties: [{ role: 'reported-user', identifiers: [{ kind: 'email', value: 'vera@lantern.example' }] }],
  });
  await sql`with decided as (insert into assess.decision (id, report_id, kind, decided_by, decided_at)
      values (gen_random_uuid(), ${id}, 'not-a-matter', ${officer.id}, ${filedAt}) returning id)
    insert into assess.line_entry (report_id, provider_id, environment, urgency, filed_at, state, taken_by, taken_at,
      decision_id, changed_at)
    select report.id, provider_id, environment, 4, filed_at, 'decided', ${officer.id}, filed_at, decided.id, filed_at
    from intake.report report, decided where report.id = ${id}`.execute(db);
  return id;
}

async function signIn(name: string, roles: readonly Role[], dark = false): Promise<Page> {
  const link = await testCtx(bureau.db, { now: bureau.clock.now() }).run(
    async (ctx) => await addStaff(ctx, { name, roles }),
  );
  const watched = await watchedPage(browser, { dark });
  const { page } = watched;
  await page.goto(`${bureau.url}/sign-in#${link.token}`);
  await page.getByRole('button', { name: 'Sign in' }).press('Enter');
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  complaints.push(...watched.complaints);
  page.on('close', () => complaints.push(...watched.complaints));
  return page;
}

async function axeClean(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${where}: ${id} at ${nodes[0]?.target.join(' ')}`),
    [],
  );
}

async function picture(page: Page, name: string): Promise<void> {
  const to = process.env.TEST_PICTURES;
  if (to !== undefined) await page.screenshot({ path: join(to, `${name}.png`), fullPage: true });
}

describe('two people', () => {
  test('destroy what is due: one proposes, another approves, the certificate is there', async () => {
    const ada = await signIn('Ada Asks', ['supervisor']);
    const bo = await signIn('Bo Agrees', ['supervisor'], true);
    await ada.keyboard.press('g');
    await ada.keyboard.press('k');
    await ada.getByRole('heading', { name: 'Retention' }).waitFor();
    await ada.getByRole('region', { name: 'Reports that are due' }).waitFor();
    await axeClean(ada, 'retention');
    await picture(ada, 'retention');
    await ada.getByRole('button', { name: /Propose to destroy 1 ready report/ }).press('Enter');
    await ada.getByLabel('Why?').fill('the term is over');
    await axeClean(ada, 'propose dialog');
    await ada.getByRole('button', { name: 'Propose', exact: true }).press('Enter');
    await ada.getByText('Waits for approval').waitFor();

    await bo.getByText('1 waiting for you').waitFor({ timeout: 10_000, state: 'attached' });
    await bo.keyboard.press('g');
    await bo.keyboard.press('p');
    await bo.getByRole('heading', { name: 'Destroy evidence' }).waitFor();
    await axeClean(bo, 'approvals');
    await picture(bo, 'approvals-dark');
    await bo.getByRole('button', { name: 'Approve: Destroy evidence' }).press('Enter');
    const dialog = bo.getByRole('dialog');
    await dialog.getByText('Yours is the last approval').waitFor();
    await picture(bo, 'approve-dialog-dark');
    assert.equal(await bo.evaluate('document.activeElement?.textContent'), 'Cancel', 'nothing by accident');
    await dialog.getByRole('button', { name: 'Approve' }).press('Enter');
    await bo.getByText('Nothing waits for approval').waitFor();
    await bureau.drain();

    await bo.goto(`${bureau.url}/reports/${reportId}`);
    await bo.getByText(/Erased on/).waitFor();
    assert.equal(await bo.getByText('vera@lantern.example').count(), 0);
    await axeClean(bo, 'erased report');
    await picture(bo, 'erased-report-dark');
    const download = bo.waitForEvent('download');
    await bo.getByRole('link', { name: 'Certificate of destruction' }).click();
    assert.match((await download).suggestedFilename(), /^destruction-\d+\.jws$/);
    await ada.close();
    await bo.close();
  });
});

describe('an emergency', () => {
  test('opens one report to an analyst, and a supervisor sees it at once and reviews it', async () => {
    const { id } = await aFiledReport(bureau.db.kysely, {
      filedAt: new Date(),
      parties: [{ role: 'reported-user', identifiers: [{ kind: 'email', value: 'urgent@lantern.example' }] }],
    });
    const supervisor = await signIn('Sue Sees', ['supervisor']);
    const analyst = await signIn('Ana Lyst', ['analyst']);
    await analyst.goto(`${bureau.url}/reports/${id}`);
    await analyst.getByRole('button', { name: 'Emergency access…' }).press('Enter');
    await axeClean(analyst, 'emergency dialog');
    await analyst.getByLabel('What is the emergency?').fill('the duty officer is on the phone');
    await picture(analyst, 'emergency-dialog');
    await analyst.getByRole('button', { name: 'Open it in an emergency' }).press('Enter');
    await analyst.getByText('urgent@lantern.example').first().waitFor();
    await analyst.getByText('You are here in an emergency').waitFor();
    await axeClean(analyst, 'report in an emergency');
    await picture(analyst, 'report-in-emergency');

    await supervisor
      .getByRole('complementary', { name: 'Emergency access to review' })
      .waitFor({ timeout: 10_000 });
    await supervisor.getByRole('link', { name: 'Review', exact: true }).press('Enter');
    await supervisor.getByRole('button', { name: /^Review the emergency access of Ana Lyst/ }).press('Enter');
    await supervisor.getByRole('radio', { name: 'Justified', exact: true }).press(' ');
    await supervisor.getByLabel('Why?').fill('the call was real');
    await axeClean(supervisor, 'review dialog');
    await picture(supervisor, 'review-dialog');
    await supervisor.getByRole('button', { name: 'Record the review' }).press('Enter');
    await supervisor.getByText('No review waits').waitFor();
    await analyst.getByRole('button', { name: 'End it now' }).press('Enter');
    await analyst.getByText('Your role sees the line').waitFor();
    await analyst.close();
    await supervisor.close();
  });
});

describe('oversight', () => {
  test('shows the auditor who opened what, draws a sample and keeps a watch-list', async () => {
    const { id } = await aFiledReport(bureau.db.kysely, { filedAt: new Date() });
    const officer = await bureau.signIn('Tom Triage', ['triage-officer']);
    await officer.ask('GET', `/v1/desk/reports/${id}`);
    const auditor = await signIn('Ann Auditor', ['auditor'], true);
    await auditor.keyboard.press('g');
    await auditor.keyboard.press('o');
    await auditor.getByRole('heading', { name: 'Oversight' }).waitFor();
    await auditor.getByRole('radio', { name: 'All', exact: true }).press('Enter');
    await auditor.getByRole('rowheader', { name: 'Tom Triage' }).waitFor();
    await axeClean(auditor, 'look-ups');
    await picture(auditor, 'oversight-dark');
    await auditor
      .getByRole('button', { name: /^Mark look-up/ })
      .first()
      .press('Enter');
    await auditor.getByRole('radio', { name: /^Explained/ }).press(' ');
    await auditor.getByLabel('What did you find?').fill('asked, and answered');
    await auditor.getByRole('button', { name: 'Mark', exact: true }).press('Enter');
    await auditor.getByText('asked, and answered').waitFor();
    await auditor.getByRole('dialog').waitFor({ state: 'detached' });
    for (const [part, heading] of [
      ['Unusual numbers', /No unusual number/],
      ['Samples', /No sample yet/],
      ['Watch-list', /Nothing is watched besides/],
    ] as const) {
      await auditor.getByRole('radio', { name: part }).press('Enter');
      await auditor.getByText(heading).waitFor();
      await axeClean(auditor, part);
      await picture(auditor, `oversight-${part.toLowerCase().replace(' ', '-')}-dark`);
    }
    await auditor.getByLabel('Identifier').fill('somebody.famous@lantern.example');
    await auditor.getByRole('button', { name: 'Watch', exact: true }).press('Enter');
    await auditor.getByRole('rowheader', { name: 'E-mail address' }).waitFor();
    assert.equal(await auditor.getByText('somebody.famous').count(), 0);
    await auditor.close();
  });
});

test('the browser complained about nothing', () => {
  assert.deepEqual(complaints, []);
});
