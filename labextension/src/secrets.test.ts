import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hidden, HIDDEN, restored } from './secrets';

test('a secret is hidden, and comes back as it was unless it is changed', () => {
  const parameters = { token: 'abc', login: { name: 'Ada', password: 'def' }, top: 3 };
  const shown = hidden(parameters, ['token', 'login']);
  assert.deepEqual(shown, { token: HIDDEN, login: HIDDEN, top: 3 });
  assert.deepEqual(restored({ ...shown, top: 4 }, parameters), { ...parameters, top: 4 });
  assert.deepEqual(restored({ token: 'new' }, parameters), { token: 'new' });
  assert.deepEqual(restored({ token: HIDDEN }, {}), { token: HIDDEN });
});
