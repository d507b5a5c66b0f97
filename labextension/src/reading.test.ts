import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Reading } from './reading';

test('what is asked for during a reading leads to one more, and to no more than one', async () => {
  let begun = 0;
  let end = (): void => undefined;
  const reading = new Reading(async () => {
    begun++;
    await new Promise<void>(resolve => (end = resolve));
  });
  const first = reading.again();
  const others = [reading.again(), reading.again()];
  assert.equal(begun, 1);
  end();
  await Promise.resolve();
  await new Promise(resolve => setTimeout(resolve));
  assert.equal(begun, 2);
  end();
  await Promise.all([first, ...others]);
  assert.equal(begun, 2);
});

test('a reading that fails does not keep the next one from beginning', async () => {
  let fails = true;
  const reading = new Reading(async () => {
    if (fails) {
      throw new Error('no');
    }
  });
  await assert.rejects(reading.again());
  fails = false;
  await reading.again();
});
