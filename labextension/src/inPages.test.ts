import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inPages } from './inPages';

test('more than the wire gives at once is read in pages, and comes in its order', async () => {
  const all = Array.from({ length: 450 }, (_, number) => number);
  const read = async ({ limit, offset }: { limit: number; offset: number }): Promise<number[]> => {
    assert.ok(limit <= 200);
    return all.slice(offset, offset + limit);
  };
  assert.deepEqual(await inPages(420, read), all.slice(0, 420));
  assert.deepEqual(await inPages(1000, read), all);
  assert.deepEqual(await inPages(0, read), []);
});
