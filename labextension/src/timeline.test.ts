import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bars } from './timeline';
import type { ITaskRun } from './wire';

function task_run(name: string, start: string | null, end: string | null): ITaskRun {
  return { id: name, name, start_time: start, end_time: end } as ITaskRun;
}

const NOW = Date.parse('2026-11-23T12:00:10Z');

test('bars share one scale, from the first beginning to the last end', () => {
  const found = bars(
    [
      task_run('second', '2026-11-23T12:00:05Z', '2026-11-23T12:00:10Z'),
      task_run('first', '2026-11-23T12:00:00Z', '2026-11-23T12:00:05Z'),
      task_run('waiting', null, null)
    ],
    NOW
  );
  assert.deepEqual(
    found.map(({ task_run, start, length }) => [task_run.name, start, length]),
    [
      ['first', 0, 0.5],
      ['second', 0.5, 0.5]
    ]
  );
});

test('bars that begin in the same millisecond stand in their order', () => {
  const found = bars(
    [
      task_run('second', '2026-11-23T12:00:00.000200Z', '2026-11-23T12:00:05Z'),
      task_run('first', '2026-11-23T12:00:00.000100Z', '2026-11-23T12:00:05Z')
    ],
    NOW
  );
  assert.deepEqual(
    found.map(({ task_run }) => task_run.name),
    ['first', 'second']
  );
});

test('a bar that goes on reaches to now', () => {
  assert.equal(bars([task_run('on', '2026-11-23T12:00:00Z', null)], NOW)[0].length, 1);
});

test('no task runs are no bars', () => {
  assert.deepEqual(bars([], NOW), []);
});
