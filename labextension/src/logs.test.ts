import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asText, levelName, lines } from './logs';
import type { ILog } from './wire';

function log(level: number, message: string): ILog {
  return { id: message, level, message, name: 'flow', timestamp: '2026-11-23T12:00:00Z' };
}

const LOGS = [log(10, 'looks'), log(20, 'reads\n\x1b[31mOrders\x1b[0m'), log(40, 'fails')];

test('a log of several lines is several lines of the view', () => {
  assert.deepEqual(
    lines(LOGS, 0, '').map(({ text, isFirst }) => [text, isFirst]),
    [
      ['looks', true],
      ['reads', true],
      ['\x1b[31mOrders\x1b[0m', false],
      ['fails', true]
    ]
  );
});

test('a search goes by what can be read, whatever the case', () => {
  assert.equal(lines(LOGS, 0, 'orders').length, 2);
  assert.equal(lines(LOGS, 0, '[31m').length, 0);
});

test('a level leaves out what is below it', () => {
  assert.deepEqual(
    lines(LOGS, 30, '').map(({ text }) => text),
    ['fails']
  );
  assert.equal(levelName(25), 'INFO');
});

test('a file has no terminal sequences', () => {
  assert.match(asText(LOGS), /INFO flow: reads\nOrders\n/);
});
