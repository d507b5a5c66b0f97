import assert from 'node:assert/strict';
import { test } from 'node:test';

import { varietyOf, Words } from './words';

const NOON = Date.parse('2026-11-23T12:00:00Z');
const english = new Words('en', 'Europe/Berlin');
const german = new Words('de-DE', 'Europe/Berlin');

test('an instant is told by its largest whole unit', () => {
  assert.equal(english.relative('2026-11-23T14:05:00Z', NOON), 'in 2h');
  assert.equal(english.relative('2026-11-23T11:57:10Z', NOON), '2m ago');
  assert.equal(english.relative('2026-11-23T12:00:00Z', NOON), 'now');
  assert.equal(english.relative('2026-11-21T11:00:00Z', NOON), '2d ago');
});

test('an absolute instant names the zone it is told in', () => {
  assert.match(english.absolute('2026-07-01T06:00:00Z'), /Wed, Jul 1, 2026/);
  assert.match(english.absolute('2026-07-01T06:00:00Z'), /08:00:00 AM GMT\+2/);
});

test('a wall clock is told as it stands, whatever the zone of the reader', () => {
  const wall = { time: '2026-03-29T03:30:00', zone: 'CEST' };
  assert.match(english.wall(wall), /Sun, Mar 29, 2026, 03:30 AM CEST/);
  assert.match(german.wall(wall), /So\., 29\. März 2026.* 03:30 CEST/);
});

test('a length of time has two units at most', () => {
  assert.equal(english.duration(0.0204), '20ms');
  assert.equal(english.duration(1.34), '1.3s');
  assert.equal(english.duration(7505), '2h 5m');
  assert.equal(english.duration(86_400), '1d');
  assert.equal(english.duration(86_460), '1d');
  assert.equal(english.duration(90_061), '1d 1h');
  assert.equal(english.duration(-3), '0ms');
});

test('lengths, days and numbers are told in the user’s language', () => {
  assert.equal(german.length(5400), '1 Stunde, 30 Minuten');
  assert.equal(german.weekday(0), 'So');
  assert.equal(german.number(10_000), '10.000');
});

test('a language without a region is told in the browser’s variety of it', () => {
  assert.equal(varietyOf('en', ['de-DE', 'en-GB', 'en-US']), 'en-GB');
  assert.equal(varietyOf('en', ['fr']), 'en');
  assert.equal(varietyOf('pt-BR', ['pt-PT']), 'pt-BR');
});
