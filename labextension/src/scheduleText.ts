// A schedule between the wire and the fields in which it is typed.

import type { Schedule } from './wire';

/** How a schedule is typed: by times of the day on days of the week, or in one of the three notations. */
export type ScheduleKind = 'days' | 'interval' | 'cron' | 'rrule';

/** What the fields hold. */
export interface IScheduleText {
  kind: ScheduleKind;
  /** `HH:MM` */
  time: string;
  /** Days of the week, Sunday is 0; none means every day. */
  days: number[];
  interval: string;
  cron: string;
  rrule: string;
  timezone: string;
  day_or: boolean;
  anchor: string | null;
}

/** The body of a question about a schedule: the extension's `ScheduleText`. */
export interface IScheduleRequest {
  cron?: string;
  interval?: string;
  rrule?: string;
  timezone: string;
  day_or?: boolean;
  anchor?: string;
}

const DAILY = /^(\d{1,2}) (\d{1,2}) \* \* (\*|[0-6](?:[,-][0-6])*)$/;

/** Fields for a new schedule. */
export function newText(timezone: string): IScheduleText {
  return {
    kind: 'days',
    time: '08:00',
    days: [1, 2, 3, 4, 5],
    interval: '1h',
    cron: '0 8 * * 1-5',
    rrule: 'FREQ=WEEKLY;BYDAY=MO;BYHOUR=8;BYMINUTE=0;BYSECOND=0',
    timezone,
    day_or: true,
    anchor: null
  };
}

/** The fields for a schedule that there is. */
export function textOf(schedule: Schedule): IScheduleText {
  const text = newText(schedule.timezone ?? 'UTC');
  if ('cron' in schedule) {
    const simple = timesOf(schedule.cron);
    return { ...text, ...simple, kind: simple ? 'days' : 'cron', cron: schedule.cron, day_or: schedule.day_or ?? true };
  }
  if ('interval' in schedule) {
    return { ...text, kind: 'interval', interval: intervalOf(schedule.interval), anchor: schedule.anchor_date ?? null };
  }
  return { ...text, kind: 'rrule', rrule: schedule.rrule };
}

/** What is asked of the server for what was typed. */
export function requestOf(text: IScheduleText): IScheduleRequest {
  const { kind, timezone } = text;
  switch (kind) {
    case 'days':
      return { cron: cronOf(text), timezone };
    case 'cron':
      return { cron: text.cron, timezone, day_or: text.day_or };
    case 'interval':
      return { interval: text.interval, timezone, ...(text.anchor && { anchor: text.anchor }) };
    case 'rrule':
      return { rrule: text.rrule, timezone };
  }
}

/** The cron line of a time on days of the week. */
export function cronOf({ time, days }: Pick<IScheduleText, 'time' | 'days'>): string {
  const [hour, minute] = time.split(':').map(Number);
  return `${minute} ${hour} * * ${days.length % 7 ? runsOf(days) : '*'}`;
}

/** Days as cron has them: `1-5`, `0,6`. */
function runsOf(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort();
  const runs: number[][] = [];
  for (const day of sorted) {
    const last = runs[runs.length - 1];
    if (last && day === last[last.length - 1] + 1) {
      last.push(day);
    } else {
      runs.push([day]);
    }
  }
  return runs.map(run => (run.length > 2 ? `${run[0]}-${run[run.length - 1]}` : run.join(','))).join(',');
}

/** The time and the days of a cron line, if it is as simple as that. */
function timesOf(cron: string): Pick<IScheduleText, 'time' | 'days'> | null {
  const [, minute, hour, weekdays] = DAILY.exec(cron.trim()) ?? [];
  if (!weekdays || Number(minute) > 59 || Number(hour) > 23) {
    return null;
  }
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  return { time, days: weekdays === '*' ? [] : weekdays.split(',').flatMap(daysOf) };
}

function daysOf(part: string): number[] {
  const [first, last = first] = part.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, place) => first + place);
}

function intervalOf(seconds: number): string {
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60]
  ];
  const [unit, size] = units.find(([, size]) => seconds % size === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}
