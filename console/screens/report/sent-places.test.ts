import assert from 'node:assert/strict';
import test from 'node:test';
import { findPlace, matchingPlaces, placesOf } from './sent-places.ts';

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
