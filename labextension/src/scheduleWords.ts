// Schedules in words of the user's language: English as the server says it, most other languages by cronstrue.

import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';

import { cronOfRule } from './rruleText';
import type { ICronSchedule, IIntervalSchedule, Schedule } from './wire';
import type { Words } from './words';

/** A schedule, and what the server says of it in English. */
export interface ISaid {
  schedule: Schedule;
  words: string;
}

type Cronstrue = (typeof import('cronstrue/i18n'))['default'];

/** Tells schedules; in English until `load` has found more. */
export class ScheduleWords {
  constructor(
    private readonly _words: Words,
    private readonly _trans: TranslationBundle
  ) {}

  /** Schedules are told in other words. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Load what another language than English needs. */
  async load(): Promise<void> {
    const { language } = this._words;
    if (language.startsWith('en')) {
      return;
    }
    const cronstrue = (await import('cronstrue/i18n')).default;
    this._locale = [language.replace('-', '_'), language.split('-')[0]].find(one => one in cronstrue.locales) ?? null;
    this._cronstrue = cronstrue;
    this._changed.emit();
  }

  /** The schedule in words: the server's English ones, where there are no others that say the same. */
  of({ schedule, words }: ISaid): string {
    if ('interval' in schedule) {
      return this._interval(schedule) ?? words;
    }
    const cron = 'cron' in schedule ? schedule : cronOfRule(schedule);
    return (cron && this._cron(cron)) ?? words;
  }

  private _cron({ cron, day_or, timezone }: ICronSchedule): string | null {
    if (!this._cronstrue || !this._locale) {
      return null;
    }
    try {
      const options = { locale: this._locale, logicalAndDayFields: day_or === false };
      return `${this._cronstrue.toString(cron, options)} (${timezone ?? 'UTC'})`;
    } catch {
      return null; // notations of Perijove's that cronstrue does not know
    }
  }

  /** Null where the translation has no words for it: half of them in English would be worse. */
  private _interval({ interval, anchor_date, timezone }: IIntervalSchedule): string | null {
    if (!this._cronstrue || this._trans.__('every %1', '%1') === 'every %1') {
      return null;
    }
    const length = this._words.length(interval);
    const told = anchor_date
      ? this._trans.__('every %1, from %2', length, this._words.absolute(anchor_date))
      : this._trans.__('every %1', length);
    return `${told} (${timezone ?? 'UTC'})`;
  }

  private readonly _changed = new Signal<this, void>(this);
  private _cronstrue: Cronstrue | null = null;
  private _locale: string | null = null;
}
