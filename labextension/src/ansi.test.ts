import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pieces, plain } from './ansi';

test('colours and bold text are told as styles', () => {
  assert.deepEqual(pieces('a \x1b[1;31mred\x1b[0m b'), [
    { text: 'a ' },
    { text: 'red', bold: true, colour: 1 },
    { text: ' b' }
  ]);
  assert.deepEqual(pieces('\x1b[92mok\x1b[39m.'), [
    { text: 'ok', colour: 10 },
    { text: '.', colour: undefined }
  ]);
});

test('a colour of many is passed over with its parts', () => {
  assert.deepEqual(pieces('\x1b[38;5;31mx\x1b[38;2;1;31;3my'), [{ text: 'x' }, { text: 'y' }]);
});

test('what could move the cursor, set a title or the clipboard, or turn the text round is dropped', () => {
  assert.equal(plain('a\x1b[2Jb\x1b[10;10Hc'), 'abc');
  assert.equal(plain('a\x1b]52;c;c2VjcmV0\x07b\x1b]8;;http://x\x1b\\c'), 'abc');
  assert.equal(plain('a\x9d0;title\x9cb\u202ec\x00d'), 'abcd');
  assert.equal(plain('a\x1b'), 'a');
});

test('markup is text', () => {
  assert.deepEqual(pieces('<img src=x onerror=alert(1)>'), [{ text: '<img src=x onerror=alert(1)>' }]);
});

test('a long line of hostile sequences takes no long time', () => {
  for (const part of ['\x1b[', '\x1b]8;', '\x1b[31;', '\x1b[1m']) {
    const line = part.repeat(1_000_000 / part.length);
    const start = performance.now();
    pieces(line);
    assert.ok(performance.now() - start < 2000, `${JSON.stringify(part)} took ${performance.now() - start} ms`);
  }
});
