import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TranslationBundle } from '@jupyterlab/translation';

import { ScheduleWords } from './scheduleWords';
import type { Schedule } from './wire';
import { Words } from './words';

const UNTRANSLATED = {
  __: (text: string, ...values: unknown[]) => text.replace(/%(\d)/g, (_, place) => String(values[place - 1]))
} as TranslationBundle;
const GERMAN = {
  __: (text: string, ...values: unknown[]) =>
    UNTRANSLATED.__(text.replace('every', 'alle').replace('from', 'ab'), ...values)
} as TranslationBundle;

async function told(schedule: Schedule, language = 'de-DE', trans = GERMAN): Promise<string> {
  const words = new ScheduleWords(new Words(language, 'UTC'), trans);
  await words.load();
  return words.of({ schedule, words: 'as the server says' });
}

test('English is told in the server’s words, which are exact', async () => {
  assert.equal(await told({ cron: '0 8 * * 1-5' }, 'en-GB'), 'as the server says');
  assert.equal(await told({ interval: 900 }, 'en'), 'as the server says');
});

test('a cron line is told in the user’s language', async () => {
  assert.equal(
    await told({ cron: '0 8 * * 1-5', timezone: 'Europe/Berlin' }),
    'Um 08:00, Montag bis Freitag (Europe/Berlin)'
  );
  assert.match(await told({ cron: '0 8 * * 1' }, 'pt-BR'), /segunda-feira/);
  assert.match(await told({ cron: '0 8 * * 1' }, 'zh-TW'), /星期一/);
});

test('a calendar rule that a cron line can say is told as that', async () => {
  const rrule = 'FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=8;BYMINUTE=30;BYSECOND=0';
  assert.equal(await told({ rrule, timezone: 'UTC' }), 'Um 08:30, am letzten Freitag des Monats (UTC)');
});

test('an interval is told by the translation, or by the server where that has no words for it', async () => {
  assert.equal(await told({ interval: 5400 }), 'alle 1 Stunde, 30 Minuten (UTC)');
  assert.match(
    await told({ interval: 900, anchor_date: '2026-01-01T06:00:00Z' }),
    /^alle 15 Minuten, ab .* 06:00:00 UTC/
  );
  assert.equal(await told({ interval: 900 }, 'de-DE', UNTRANSLATED), 'as the server says');
});

test('what has no words of its own is told in the server’s', async () => {
  assert.equal(await told({ cron: '0 8 * * 1' }, 'eo'), 'as the server says');
  assert.equal(await told({ cron: 'nothing of the kind' }), 'as the server says');
  assert.equal(await told({ rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO' }), 'as the server says');
});
