import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRepositoryFile, root } from './house/source-files.ts';

const page = readRepositoryFile('docs/threat-model.md');
const path = /`((?:src|tests|docs|console|cli)\/[\w./-]*|package\.json)`/g;

test('every claim of the threat model names a place and a test, and both are there', () => {
  const rows = [...page.matchAll(/^\| (?!holds |-)(.+) \| (.+) \| (.+) \|$/gm)];
  assert.ok(rows.length > 30, `${rows.length} claims`);
  for (const [, claim = '', where = '', tests = ''] of rows) {
    for (const [cell, form] of [
      [where, /./],
      [tests, /\.test\.ts$/],
    ] as const) {
      const named = [...cell.matchAll(path)].map(([, name = '']) => name);
      assert.ok(named.length > 0, `${claim} names nothing`);
      for (const name of named) {
        assert.match(name, form, claim);
        assert.ok(existsSync(join(root, name)), `${claim}: ${name} is not there`);
      }
    }
  }
});

test('every attacker has what does not hold', () => {
  const attackers = page.split(/^## /m).slice(1);
  assert.ok(attackers.length >= 10);
  for (const text of attackers) {
    const [name = ''] = text.split('\n');
    assert.match(text, /\*Does not hold:\*|It cannot/, name);
  }
});
