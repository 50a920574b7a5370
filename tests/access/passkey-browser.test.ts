import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { addStaff } from '#access';
import { type Agency, startAgency } from '../harness/agency.ts';
import { consolePages, openBrowser, type Watched, watchedPage } from '../harness/browser.ts';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';

/**
 * A person's whole way in a real browser with a real authenticator's protocol (Chromium's virtual one): link, passkey,
 * lock, fresh proof, sign-out, and back in by passkey alone, and by the agency. In dark and light, without a mouse.
 */
let bureau: TestBureau;
let agency: Agency;
let browser: Browser;
let folder: string;
let page: Page;
let watched: Watched;
let authenticator: { readonly cdp: CDPSession; readonly id: string };
const port = 42_000 + (process.pid % 10_000);
const shots = process.env.TEST_SHOTS_FOLDER;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firstlight-console-'));
  const origin = `http://localhost:${port}`;
  agency = await startAgency({
    redirectUris: [`${origin}/sign-in/return`],
    accounts: [
      { id: 'u-1', name: 'Lee Example', groups: ['bureau-lead'] },
      { id: 'u-2', name: 'Otto Example', groups: [] },
    ],
  });
  bureau = await startTestBureau({
    pages: await consolePages(folder),
    now: new Date(),
    port,
    signIn: {
      linksSignIn: false,
      idleMinutes: 30,
      oidc: {
        issuer: agency.issuer,
        clientId: agency.clientId,
        clientSecret: agency.clientSecret,
        name: 'the agency',
        scope: 'openid profile',
        groupsMember: 'groups',
        groupRoles: [{ group: 'bureau-lead', role: 'supervisor' }],
        acr: [],
        amr: [],
      },
    },
  });
  browser = await openBrowser();
  watched = await watchedPage(browser, { dark: true });
  page = watched.page;
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  authenticator = { cdp, id: authenticatorId };
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Looks as it should: nothing for axe to find, and a picture for whoever wants to look. */
async function looksWell(where: string): Promise<void> {
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${where}.png`) });
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(
    violations.map(
      (violation) => `${where}: ${violation.id} ${violation.nodes.map((node) => node.html).join(' ')}`,
    ),
    [],
  );
}

const press = async (...keys: readonly string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const heading = async (name: string) => await page.getByRole('heading', { name, exact: true }).waitFor();

describe('passkeys in a browser, without a mouse', () => {
  test('a link leads to registering a passkey, at the name that passkeys are for', async () => {
    const link = await testCtx(bureau.db, { now: bureau.clock.now() }).run(
      async (ctx) => await addStaff(ctx, { name: 'Ada Example', roles: ['administrator'] }),
    );
    await page.goto(`http://127.0.0.1:${port}/sign-in#${link.token}`);
    await heading('Welcome to the bureau');
    assert.equal(new URL(page.url()).hostname, 'localhost', 'the link was not carried to the name');
    await looksWell('1-link');
    await press('Enter');
    await heading('Register a passkey');
    await looksWell('2-enrol');
    await page.goto(`http://localhost:${port}/staff`);
    await heading('Register a passkey');
    await page.keyboard.type('Laptop');
    await press('Enter');
    await page.waitForURL(/\/set-up/);
    const { credentials } = await authenticator.cdp.send('WebAuthn.getCredentials', {
      authenticatorId: authenticator.id,
    });
    assert.equal(credentials.length, 1);
    assert.equal(credentials[0]?.isResidentCredential, true);
    assert.equal(credentials[0]?.rpId, 'localhost');
  });

  test('the account lists it, and where the person is signed in', async () => {
    await page.getByRole('button', { name: /settings and sign out/ }).focus();
    await press('Enter');
    await page.getByRole('menuitem', { name: 'Your account' }).waitFor();
    await looksWell('3-menu');
    await page.getByRole('menuitem', { name: 'Your account' }).focus();
    await press('Enter');
    await heading('Your account');
    const main = page.locator('main');
    await main.getByText('Laptop').waitFor();
    await main.getByText('(this one)').waitFor();
    assert.match(await main.innerText(), /Chrome on Linux/);
    await looksWell('4-account');
  });

  test('the only passkey stays, and the console says why', async () => {
    await page.getByRole('button', { name: 'Remove Laptop' }).focus();
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).focus();
    await press('Enter');
    await page.getByText('This is your only way in').waitFor();
    await looksWell('5-last-passkey');
    await press('Escape');
  });

  test('a key locks the screen: nothing of the page is left, for the bureau neither, until the passkey opens it', async () => {
    await page.getByRole('heading', { name: 'Your account', exact: true }).waitFor();
    await press('Shift+L');
    await heading('Locked');
    assert.equal(await page.getByText('Laptop').count(), 0, 'the page behind still shows');
    await looksWell('6-locked');
    await lockedForTheBureau();
    await page.reload();
    await heading('Locked');
    await press('Enter');
    await heading('Your account');
    await page.locator('main').getByText('Laptop').waitFor();
  });

  test('a dangerous deed asks for the passkey in a dialog and then goes on by itself', async () => {
    bureau.clock.advance(6 * 60_000);
    await press('g', 't');
    await heading('Staff');
    await page.getByRole('button', { name: 'Add a person' }).focus();
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('Bo Example');
    await press('Enter');
    await heading('Is it still you?');
    await looksWell('7-proof');
    await press('Enter');
    await heading('Sign-in link, shown once');
    await press('Escape');
    await page.getByText('Bo Example').first().waitFor();
    assert.match(await page.locator('main').innerText(), /1 passkey/);
    assert.match(await page.locator('main').innerText(), /Link only/);
    await looksWell('8-staff');
    await page.getByRole('button', { name: 'Sessions of Ada Example' }).focus();
    await press('Enter');
    await page.getByRole('dialog').getByText('Chrome on Linux').waitFor();
    await looksWell('9-sessions');
    await press('Escape');
  });

  test('an idle session is locked by the bureau, and the open page notices', async () => {
    bureau.clock.advance(31 * 60_000);
    await press('g', 'i');
    await heading('Locked');
    await press('Enter');
    await heading('Status');
  });

  test('after signing out, the passkey alone signs in again', async () => {
    await page.getByRole('button', { name: /settings and sign out/ }).focus();
    await press('Enter');
    await page.getByRole('menuitem', { name: 'Sign out' }).focus();
    await press('Enter');
    await heading('Sign in');
    await looksWell('10-sign-in');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).focus();
    await press('Enter');
    await page.waitForURL(/\/set-up/);
  });

  test('a person who lets the dialog pass is told so, and nothing happened', async () => {
    await signOut();
    await authenticator.cdp.send('WebAuthn.setUserVerified', {
      authenticatorId: authenticator.id,
      isUserVerified: false,
    });
    await page.getByRole('button', { name: 'Sign in with a passkey' }).focus();
    await press('Enter');
    await page.getByText(/Nothing was chosen|does not open the bureau/).waitFor();
    await looksWell('11-not-signed-in');
    await authenticator.cdp.send('WebAuthn.setUserVerified', {
      authenticatorId: authenticator.id,
      isUserVerified: true,
    });
  });

  test('the agency signs in too, and whoever has no group there is told what to do', async () => {
    await byAgency('u-2');
    await heading('That did not sign you in');
    assert.match(await page.locator('main').innerText(), /in no group that works at this bureau/);
    assert.ok(!page.url().includes('state='), 'what the agency sent stays in the address');
    await looksWell('12-no-group');
    await page.context().clearCookies({ domain: 'localhost' });
    await page.goto(`http://localhost:${port}/sign-in`);
    await byAgency('u-1');
    await page.locator('.top').waitFor();
    assert.match(await page.locator('.person-name').innerText(), /Lee Example/);
    await press('Shift+L');
    await heading('Locked');
    await page.getByRole('button', { name: /Unlock with the agency/ }).focus();
    await press('Enter');
    await atAgency('u-1');
    await page.locator('.top').waitFor();
  });

  test('every page came under the strict policy, and the browser had nothing to complain of', async () => {
    const reply = await fetch(`http://127.0.0.1:${port}/sign-in`);
    assert.match(reply.headers.get('content-security-policy') ?? '', /require-trusted-types-for 'script'/);
    assert.deepEqual(watched.complaints, []);
  });
});

async function signOut(): Promise<void> {
  await page.getByRole('button', { name: /settings and sign out/ }).focus();
  await press('Enter');
  await page.getByRole('menuitem', { name: 'Sign out' }).focus();
  await press('Enter');
  await heading('Sign in');
}

async function byAgency(account: string): Promise<void> {
  await page.getByRole('button', { name: /Sign in with the agency/ }).focus();
  await press('Enter');
  await atAgency(account);
}

async function atAgency(account: string): Promise<void> {
  await page.getByLabel('Account').waitFor();
  await page.getByLabel('Account').fill(account);
  await press('Enter');
}

/** The cookie that the browser holds opens nothing while the screen is locked. */
async function lockedForTheBureau(): Promise<void> {
  const cookies = await page.context().cookies(`http://localhost:${port}`);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  for (let n = 0; n < 50; n += 1) {
    const reply = await fetch(`http://127.0.0.1:${port}/v1/desk/staff`, { headers: { cookie } });
    await reply.text();
    if (reply.status === 423) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('the bureau goes on answering to a locked session');
}
