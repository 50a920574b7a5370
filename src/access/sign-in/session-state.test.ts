import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deviceLabel } from './device-label.ts';
import { relyingPartyOf } from './relying-party.ts';
import { isFresh, sessionState } from './session-state.ts';

const at = new Date('2026-11-24T12:00:00Z');
const ago = (minutes: number) => new Date(at.getTime() - minutes * 60_000);

test('a session is locked before it is anything else, and a link that is not enough only lets enrol', () => {
  const settings = { linksSignIn: false, idleMinutes: 30 };
  const facts = { method: 'passkey', lockedAt: null, lastSeenAt: at };
  assert.equal(sessionState(facts, settings, at), 'open');
  assert.equal(sessionState({ ...facts, lastSeenAt: ago(30) }, settings, at), 'locked');
  assert.equal(sessionState({ ...facts, lockedAt: at }, settings, at), 'locked');
  assert.equal(sessionState({ ...facts, method: 'link' }, settings, at), 'enrolling');
  assert.equal(sessionState({ ...facts, method: 'link', lockedAt: at }, settings, at), 'locked');
  assert.equal(sessionState({ ...facts, method: 'link' }, { ...settings, linksSignIn: true }, at), 'open');
});

test('a proof stays fresh for five minutes', () => {
  const session = { method: 'passkey', provedAt: ago(5), hasPasskey: true };
  assert.equal(isFresh(session, at), false);
  assert.equal(isFresh({ ...session, provedAt: ago(4.99) }, at), true);
  assert.equal(isFresh({ ...session, method: 'oidc', hasPasskey: false }, at), false);
  assert.equal(isFresh({ ...session, method: 'link' }, at), false, 'whoever has a passkey is asked for it');
  assert.equal(isFresh({ ...session, method: 'link', hasPasskey: false }, at), true);
});

test('devices are told apart by family, and no header says more', () => {
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const edge =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0';
  const safari =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Safari/604.1';
  assert.equal(deviceLabel(firefox), 'Firefox on Linux');
  assert.equal(deviceLabel(edge), 'Edge on Windows');
  assert.equal(deviceLabel(safari), 'Safari on iOS');
  assert.equal(deviceLabel('curl/8.0'), 'Another program');
  assert.equal(deviceLabel(undefined), 'Another program');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      assert.match(deviceLabel(text), /^(?:Another program|[A-Za-z ]+ on [A-Za-z ]+)$/);
    }),
  );
});

test('passkeys belong to a name over https, or to this machine', () => {
  assert.deepEqual(relyingPartyOf('https://bureau.example'), {
    id: 'bureau.example',
    origin: 'https://bureau.example',
  });
  assert.deepEqual(relyingPartyOf('http://127.0.0.1:8080'), {
    id: 'localhost',
    origin: 'http://localhost:8080',
  });
  assert.deepEqual(relyingPartyOf('http://[::1]:8080'), { id: 'localhost', origin: 'http://localhost:8080' });
  for (const none of ['http://bureau.example', 'https://192.0.2.7', 'http://192.0.2.7:8080', ''])
    assert.equal(relyingPartyOf(none), undefined, none);
});
