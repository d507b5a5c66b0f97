import assert from 'node:assert/strict';
import { test } from 'node:test';

import { deployCell, deployLine, type IDeployWish } from './deployLine';
import { newText } from './scheduleText';

const WISH: IDeployWish = { flow: 'report', name: 'prod', schedule: null, parameters: '', tags: '' };

test('what is not asked for is not written', () => {
  assert.equal(deployLine(WISH), '%deploy report --name prod');
  assert.equal(deployLine({ ...WISH, name: ' ' }), '%deploy report');
});

test('a schedule, parameters and tags are options', () => {
  const schedule = newText('Europe/Berlin');
  assert.equal(
    deployLine({ ...WISH, schedule, parameters: 'region=EU\n\nlimits={"a": 1}', tags: 'finance, all night' }),
    '%deploy report --name prod --cron "0 8 * * 1-5" --timezone Europe/Berlin --param region=EU ' +
      `--param 'limits={"a": 1}' --tag finance --tag "all night"`
  );
});

test('quotes of both kinds survive a shell', () => {
  assert.equal(deployLine({ ...WISH, name: `it's "so"` }), `%deploy report --name 'it'"'"'s "so"'`);
});

test('a line break can not begin another statement', () => {
  assert.equal(deployLine({ ...WISH, name: 'a\nimport os' }).includes('\n'), false);
});

test('the magics are loaded once', () => {
  assert.equal(deployCell(WISH, ['1 + 1']), '%load_ext perijove\n%deploy report --name prod');
  assert.equal(deployCell(WISH, ['import os\n%load_ext perijove']), '%deploy report --name prod');
});
