import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cronOfRule } from './rruleText';

const AT_EIGHT = 'BYHOUR=8;BYMINUTE=0;BYSECOND=0';

function cron(rrule: string): string | undefined {
  return cronOfRule({ rrule, timezone: 'UTC' })?.cron;
}

test('a rule that names its days and times is a cron line', () => {
  assert.equal(cron(`RRULE:FREQ=DAILY;${AT_EIGHT}`), '0 8 * * *');
  assert.equal(cron(`FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=8,20;BYMINUTE=30;BYSECOND=0`), '30 8,20 * * 1,5');
  assert.equal(cron(`FREQ=MONTHLY;BYDAY=2TU;${AT_EIGHT}`), '0 8 * * 2#2');
  assert.equal(cron(`FREQ=MONTHLY;BYMONTHDAY=1,15;${AT_EIGHT}`), '0 8 1,15 * *');
  assert.equal(cron(`FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1;${AT_EIGHT}`), '0 8 1 3 *');
});

test('a rule that means more than it says is none', () => {
  for (const rule of [
    `FREQ=WEEKLY;${AT_EIGHT}`, // on the weekday that it begins on
    `FREQ=YEARLY;BYDAY=2TU;${AT_EIGHT}`,
    `FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;${AT_EIGHT}`,
    `FREQ=DAILY;COUNT=3;${AT_EIGHT}`,
    `FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;${AT_EIGHT}`,
    `FREQ=MONTHLY;BYMONTHDAY=-2;${AT_EIGHT}`,
    'FREQ=DAILY;BYHOUR=8;BYMINUTE=0',
    `DTSTART:20260101T080000\nRRULE:FREQ=DAILY;${AT_EIGHT}`,
    'FREQ=HOURLY'
  ]) {
    assert.equal(cron(rule), undefined, rule);
  }
});
