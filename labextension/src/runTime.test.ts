import assert from 'node:assert/strict';
import { test } from 'node:test';

import { secondsOf } from './runTime';

const BEGAN = { start_time: '2026-11-02T08:00:00Z', end_time: null, total_run_time: 0 };

test('a run that goes on has taken the time since it began', () => {
  assert.equal(secondsOf(BEGAN, Date.parse('2026-11-02T08:01:30Z')), 90);
});

test('a run that has ended took what the server says', () => {
  const ended = { ...BEGAN, end_time: '2026-11-02T08:00:20Z', total_run_time: 12.5 };
  assert.equal(secondsOf(ended, Date.parse('2026-11-02T08:01:30Z')), 12.5);
});
