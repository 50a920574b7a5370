import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { addStaff } from '#access';
import { consolePages, openBrowser, type Watched, watchedPage } from '../harness/browser.ts';
import { type Service, startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';

/**
 * Somebody who has never seen it: signs in by the printed link, finds the newest report, reads it, decides, undoes.
 * Without a mouse, in a real browser, against a whole bureau.
 */
let bureau: TestBureau;
let browser: Browser;
let folder: string;
let link: string;
let newest: string;
let service: Service;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firstlight-console-'));
  bureau = await startTestBureau({ pages: await consolePages(folder), now: new Date() });
  service = await bureau.addService('Harbour Chat');
  for (let n = 1; n <= 3; n += 1) {
    newest = await sendReport(service, `user-${n}`, n === 2);
    bureau.clock.advance(60_000);
  }
  await bureau.drain();
  const issued = await testCtx(bureau.db, { now: bureau.clock.now() }).run(
    async (ctx) => await addStaff(ctx, { name: 'Ines Example', roles: ['triage-officer', 'supervisor'] }),
  );
  link = `${bureau.url}/sign-in#${issued.token}`;
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

async function sendReport(service: Service, account: string, isUrgent: boolean): Promise<string> {
  const at = bureau.clock.now().toISOString();
  const escalation = isUrgent ? '<escalateToHighPriority>Invented reason</escalateToHighPriority>' : '';
  const xml =
    `<report><incidentSummary><incidentType>Online Enticement of Children for Sexual Acts</incidentType>${escalation}` +
    `<incidentDateTime>${at}</incidentDateTime></incidentSummary><reporter><reportingPerson>` +
    `<email>desk@harbour-chat.example</email></reportingPerson></reporter><personOrUserReported>` +
    `<espIdentifier>${account}</espIdentifier></personOrUserReported></report>`;
  const opened = await call(service, 'submit', xml, 'text/xml; charset=utf-8');
  const id = /<reportId>(\d+)</.exec(opened)?.[1] ?? '';
  await call(service, 'finish', `id=${id}`, 'application/x-www-form-urlencoded');
  return id;
}

async function call(service: Service, name: string, body: string, type: string): Promise<string> {
  const reply = await fetch(`${bureau.url}/ispws/${name}`, {
    method: 'POST',
    headers: { authorization: service.authorization, 'content-type': type },
    body,
  });
  const text = await reply.text();
  assert.match(text, /<responseCode>0</, text);
  return text;
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

async function expectNoViolations(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(
    violations.map((violation) => `${where}: ${violation.id} ${violation.help}`),
    [],
  );
}

describe('the desk, without a mouse', () => {
  let watched: Watched;

  test('sign in by the printed link with one key, and see the urgent report first', async () => {
    watched = await watchedPage(browser);
    const { page } = watched;
    await page.goto(link);
    await page.getByRole('button', { name: /sign in/i }).waitFor();
    await expectNoViolations(page, 'sign-in');
    await press(page, 'Enter');
    await page.locator('.line-row').first().waitFor();
    assert.match(await page.locator('.line-row').first().innerText(), /Urgent 1/);
    assert.equal(await page.locator('.line-row').count(), 3);
    assert.ok(!page.url().includes('#'), 'the token stays in the address');
    await expectNoViolations(page, 'line');
  });

  test('find the newest report, read it, take it, decide, undo', async () => {
    const { page } = watched;
    await page.getByRole('button', { name: /order/i }).focus();
    await press(page, 'Enter');
    await page.getByRole('option', { name: /newest/i }).waitFor();
    await page.keyboard.type('Newest');
    await press(page, 'Enter');
    await page.waitForURL(/order=newest/);
    await page.locator('.line-row').first().filter({ hasText: newest }).waitFor();
    await press(page, 'Escape', 'j');
    await press(page, 'Enter');
    await page.locator('.report-title').waitFor();
    assert.match(page.url(), new RegExp(`/reports/${newest}`));
    assert.match(await page.locator('main').innerText(), /user-3/);
    await expectNoViolations(page, 'report');
    await press(page, 't');
    await page.getByText('Taken by you').first().waitFor();
    await press(page, 'r');
    await page.getByRole('dialog').waitFor();
    await expectNoViolations(page, 'decide');
    await press(page, 'Enter');
    await page.locator('.after-decision').waitFor();
    assert.equal(await stateOf(newest), 'decided');
    await press(page, 'u');
    await page.getByText('Taken by you').first().waitFor();
    assert.equal(await stateOf(newest), 'taken');
    const decision = await bureau.db.kysely
      .selectFrom('assess.decision')
      .selectAll()
      .executeTakeFirstOrThrow();
    assert.equal(decision.kind, 'refer');
    assert.ok(decision.undone_at !== null, 'the decision was not marked as undone');
  });

  test('what arrives meanwhile is announced and moves nothing until it is asked for', async () => {
    const { page } = watched;
    await press(page, 'Escape');
    await page.waitForURL((url) => url.pathname === '/');
    const rows = async () => await page.locator('.line-row').allInnerTexts();
    const before = await rows();
    const later = await sendReport(service, 'user-4', true);
    await bureau.drain();
    await page.locator('.live-bar').waitFor();
    assert.match(await page.locator('.live-bar').innerText(), /1 new report/);
    assert.deepEqual(await rows(), before);
    await press(page, 's');
    await page.locator('.line-row', { hasText: later }).waitFor();
    assert.equal(await page.locator('.live-bar').count(), 0);
  });

  test('one key takes the next report of the order, with the sentence why; the urgency is corrected', async () => {
    const { page } = watched;
    await press(page, 'n');
    await page.locator('.why-here').waitFor();
    assert.match(
      await page.locator('.why-here').innerText(),
      /First by urgency: Urgent 1\. The service escalated this report .* Opened by you/s,
    );
    await page.getByText('Taken by you').first().waitFor();
    const opened = /reports\/(\d+)/.exec(page.url())?.[1] ?? '';
    assert.equal(await stateOf(opened), 'taken');
    assert.match(await page.locator('.evidence').first().innerText(), /Field: escalateToHighPriority/);
    await expectNoViolations(page, 'next report');
    await press(page, 'c');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await expectNoViolations(page, 'correct the urgency');
    await dialog.getByRole('radio', { name: 'Urgent 2' }).focus();
    await press(page, 'Space');
    await dialog.getByRole('textbox').focus();
    await page.keyboard.type('Read and found less pressing');
    await dialog.getByRole('button', { name: 'Correct' }).focus();
    await press(page, 'Enter');
    await page.getByText('Set by Ines Example').waitFor();
    assert.match(await page.locator('.report-title').innerText(), /Urgent 2/);
    assert.match(
      await page.locator('#summary').innerText(),
      /the rules said Urgent 1\.\s+Read and found less pressing/,
    );
  });

  test('the browser had nothing to complain of, under the strict policy', () => {
    assert.deepEqual(watched.complaints, []);
  });

  test('the trail says who read and decided', async () => {
    const rows = await bureau.db.kysely
      .selectFrom('access.audit')
      .select(['action', 'actor_name', 'outcome'])
      .where('subject', '=', `report:${newest}`)
      .where('actor_kind', '=', 'staff')
      .execute();
    const actions = new Set(rows.map((row) => row.action));
    for (const action of ['read-report', 'take-report', 'decide-report'])
      assert.ok(actions.has(action), action);
    assert.ok(rows.every((row) => row.actor_name === 'Ines Example'));
  });
});

async function stateOf(reportId: string): Promise<string | undefined> {
  const row = await bureau.db.kysely
    .selectFrom('assess.line_entry')
    .select('state')
    .where('report_id', '=', reportId)
    .executeTakeFirst();
  return row?.state;
}
