import assert from 'node:assert/strict';
import test from 'node:test';
import { findPlace, matchingPlaces, placesOf, shortPlace } from './sent-places.ts';

const places = placesOf({
  name: 'report',
  line: 2,
  children: [
    {
      name: 'personOrUserReported',
      line: 3,
      children: [{ name: 'screenName', line: 4, value: 'grey_heron' }],
    },
    {
      name: 'personOrUserReported',
      line: 6,
      children: [
        { name: 'ipCaptureEvent', line: 7, children: [{ name: 'ipAddress', line: 8, value: '192.0.2.7' }] },
        {
          name: 'ipCaptureEvent',
          line: 10,
          children: [{ name: 'ipAddress', line: 11, value: '2001:db8::1' }],
        },
      ],
    },
  ],
});

test('places stand in document order', () => {
  assert.deepEqual(
    places.map((place) => place.node.line),
    [2, 3, 4, 6, 7, 8, 10, 11],
  );
});

test('an index of one may be written or left out', () => {
  const path = 'report/personOrUserReported[2]/ipCaptureEvent[1]/ipAddress';
  assert.equal(findPlace(places, path, undefined)?.node.value, '192.0.2.7');
  assert.equal(findPlace(places, path.replace('[1]', ''), undefined)?.node.value, '192.0.2.7');
  assert.equal(findPlace(places, path.replace('[1]', '[2]'), undefined)?.node.value, '2001:db8::1');
});

test('a path that leads nowhere is found by its line, else by what is above it', () => {
  assert.equal(findPlace(places, 'report/unknown/thing', 11)?.node.value, '2001:db8::1');
  assert.equal(findPlace(places, 'report/personOrUserReported[2]/other', undefined)?.node.line, 6);
  assert.equal(findPlace(places, 'elsewhere', undefined)?.node.name, 'report');
});

test('a dotted path of the JSON API leads to its field, and is named without what only wraps it', () => {
  const sent = placesOf({
    name: 'report',
    children: [
      {
        name: 'schedule1',
        children: [
          { name: 'accountUsername', children: [{ name: 'value', value: 'grey_heron' }] },
          {
            name: 'loginIps',
            children: [
              { name: 'value', children: [{ name: 'address', value: '192.0.2.7' }] },
              { name: 'value', children: [{ name: 'address', value: '192.0.2.8' }] },
            ],
          },
        ],
      },
      { name: 'parties', children: [{ name: 'identifiers', children: [{ name: 'value', value: 'one' }] }] },
    ],
  });
  const valueAt = (path: string) => findPlace(sent, path, undefined)?.node.value;
  assert.equal(valueAt('schedule1.accountUsername.value'), 'grey_heron');
  assert.equal(valueAt('schedule1.loginIps.value[0].address'), '192.0.2.7');
  assert.equal(valueAt('schedule1.loginIps.value[1].address'), '192.0.2.8');
  assert.equal(valueAt('parties[0].identifiers[0].value'), 'one');
  assert.equal(findPlace(sent, 'schedule1.account', undefined)?.node.name, 'schedule1');
  assert.equal(shortPlace('schedule1.accountUsername.value'), 'accountUsername');
  assert.equal(shortPlace('schedule1.loginIps.value[1].address'), 'loginIps[1].address');
  assert.equal(shortPlace('report/personOrUserReported[2]/screenName'), 'screenName');
  assert.equal(shortPlace('report'), 'report');
});

test('a search finds names, their words and values', () => {
  assert.equal(matchingPlaces(places, '  '), undefined);
  assert.deepEqual(
    matchingPlaces(places, 'HERON')?.map((place) => place.node.line),
    [4],
  );
  assert.equal(matchingPlaces(places, 'reported user')?.length, 2);
  assert.deepEqual(
    matchingPlaces(places, 'ipaddress')?.map((place) => place.node.line),
    [8, 11],
  );
});

test('a document of great depth is walked', () => {
  let deep: { name: string; children?: (typeof deep)[] } = { name: 'leaf' };
  for (let depth = 0; depth < 20_000; depth += 1) deep = { name: 'x', children: [deep] };
  assert.equal(placesOf(deep).length, 20_001);
});
