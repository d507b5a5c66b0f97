import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cronOf, newText, requestOf, textOf } from './scheduleText';

test('days of the week become a cron line and come back', () => {
  for (const days of [[1, 2, 3, 4, 5], [0, 6], [1, 3, 5], [0, 1, 2, 4, 6], []]) {
    const cron = cronOf({ time: '08:05', days });
    const text = textOf({ cron, timezone: 'Europe/Berlin' });
    assert.deepEqual([text.kind, text.time, text.days], ['days', '08:05', days], cron);
  }
  assert.equal(cronOf({ time: '08:05', days: [1, 2, 3, 4, 5] }), '5 8 * * 1-5');
  assert.equal(cronOf({ time: '00:00', days: [0, 1, 2, 3, 4, 5, 6] }), '0 0 * * *');
});

test('a cron line that says more stays a cron line', () => {
  for (const cron of ['*/5 * * * *', '0 8 1 * *', '0 8 * * MON', '0 8 * * 7', '99 8 * * *', '@daily']) {
    const text = textOf({ cron, day_or: false });
    assert.deepEqual([text.kind, text.cron, text.day_or], ['cron', cron, false]);
  }
});

test('an interval keeps its anchor and is told in its largest unit', () => {
  const text = textOf({ interval: 5400, anchor_date: '2026-01-01T00:00:00Z', timezone: null });
  assert.deepEqual([text.interval, text.timezone], ['90m', 'UTC']);
  assert.deepEqual(requestOf(text), { interval: '90m', timezone: 'UTC', anchor: '2026-01-01T00:00:00Z' });
});

test('only what the chosen kind needs is asked', () => {
  const text = newText('UTC');
  assert.deepEqual(requestOf({ ...text, kind: 'rrule' }), { rrule: text.rrule, timezone: 'UTC' });
  assert.deepEqual(requestOf({ ...text, kind: 'cron' }), { cron: text.cron, timezone: 'UTC', day_or: true });
});
