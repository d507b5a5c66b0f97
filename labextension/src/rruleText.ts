// Calendar rules (RFC 5545) that say no more than a cron line can.

import type { ICronSchedule, IRRuleSchedule } from './wire';

const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const KNOWN = ['FREQ', 'INTERVAL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYHOUR', 'BYMINUTE', 'BYSECOND'];
const NUMBERS = /^\d{1,2}(?:,\d{1,2})*$/;

/** The cron line of a rule at given times of every day, or of some days of a week, a month or a year; else null. */
export function cronOfRule({ rrule, timezone }: IRRuleSchedule): ICronSchedule | null {
  const parts = new Map(
    rrule
      .trim()
      .toUpperCase()
      .replace(/^RRULE:/, '')
      .split(';')
      .map(part => part.split('=') as [string, string])
  );
  const { FREQ, INTERVAL = '1', BYDAY, BYMONTHDAY, BYMONTH, BYHOUR, BYMINUTE, BYSECOND } = Object.fromEntries(parts);
  const days = weekdaysOf(FREQ, BYDAY);
  const isPlain =
    [...parts.keys()].every(name => KNOWN.includes(name)) &&
    INTERVAL === '1' &&
    BYSECOND === '0' &&
    [BYHOUR, BYMINUTE].every(numbers => NUMBERS.test(numbers ?? '')) &&
    [BYMONTHDAY, BYMONTH].every(numbers => !numbers || NUMBERS.test(numbers)) &&
    isWhole(FREQ, { days: BYDAY, monthDays: BYMONTHDAY, months: BYMONTH });
  return isPlain && days !== null
    ? { cron: `${BYMINUTE} ${BYHOUR} ${BYMONTHDAY ?? '*'} ${BYMONTH ?? '*'} ${days}`, timezone }
    : null;
}

/** Whether a rule names all days that it means: one that leaves them out means those of the day it begins on. */
function isWhole(frequency: string, named: { days?: string; monthDays?: string; months?: string }): boolean {
  if (named.days && named.monthDays) {
    return false; // both at once: to a cron line either of them would do
  }
  switch (frequency) {
    case 'DAILY':
      return true;
    case 'WEEKLY':
      return Boolean(named.days) && !named.monthDays;
    case 'MONTHLY':
      return Boolean(named.days ?? named.monthDays);
    case 'YEARLY':
      return Boolean(named.months && (named.days ?? named.monthDays));
    default:
      return false;
  }
}

/** Days of the week as cron has them: `1,3`, `2#2` for the second Tuesday, `5L` for the last Friday of a month. */
function weekdaysOf(frequency: string, days: string | undefined): string | null {
  const told = (days ? days.split(',') : []).map(day => {
    const [, place, name] = /^([1-4]|-1)?([A-Z]{2})$/.exec(day) ?? [];
    const number = DAYS.indexOf(name);
    if (number < 0 || (place && frequency !== 'MONTHLY')) {
      return null;
    }
    return place ? `${number}${place === '-1' ? 'L' : `#${place}`}` : String(number);
  });
  return told.includes(null) ? null : told.join(',') || '*';
}
