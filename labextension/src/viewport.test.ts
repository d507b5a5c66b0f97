import assert from 'node:assert/strict';
import { test } from 'node:test';

import { offsets, visible } from './viewport';

const starts = offsets(Array.from({ length: 1000 }, () => 50));

test('only the items in view and in its margin are shown', () => {
  assert.deepEqual(visible(starts, 0, 500, 0), { first: 0, end: 10 });
  assert.deepEqual(visible(starts, 1025, 500, 100), { first: 18, end: 33 });
});

test('the end of the list is shown whole', () => {
  const { end } = visible(starts, 1000 * 50 - 500, 500, 0);
  assert.equal(end, 1000);
});

test('a list that has become shorter than the view was scrolled shows its last item', () => {
  assert.deepEqual(visible(offsets([50, 50]), 5000, 500, 0), { first: 1, end: 1 + 1 });
});

test('an empty list shows nothing', () => {
  assert.deepEqual(visible(offsets([]), 0, 500), { first: 0, end: 0 });
});
