import assert from 'node:assert/strict';
import { test } from 'node:test';

import { absolute, duration, relative } from './words';

const NOON = Date.parse('2026-11-23T12:00:00Z');

test('an instant is told by its largest whole unit', () => {
  assert.equal(relative('2026-11-23T14:05:00Z', NOON, 'en'), 'in 2h');
  assert.equal(relative('2026-11-23T11:57:10Z', NOON, 'en'), '2m ago');
  assert.equal(relative('2026-11-23T12:00:00Z', NOON, 'en'), 'now');
  assert.equal(relative('2026-11-21T11:00:00Z', NOON, 'en'), '2d ago');
});

test('an absolute instant names the zone it is told in', () => {
  const told = absolute('2026-07-01T06:00:00Z', 'en', 'Europe/Berlin');
  assert.match(told, /Wed, Jul 1, 2026/);
  assert.match(told, /08:00:00 AM GMT\+2/);
});

test('a length of time has two units at most', () => {
  assert.equal(duration(0.0204), '20 ms');
  assert.equal(duration(1.34), '1.3 s');
  assert.equal(duration(7505), '2 h 5 min');
  assert.equal(duration(86_400), '1 d');
  assert.equal(duration(90_061), '1 d 1 h');
  assert.equal(duration(-3), '0 ms');
});
