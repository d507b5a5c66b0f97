// Instants, lengths of time and numbers in the user's language and zone.

/** A wall clock of some timezone: `2026-03-29T02:30:00`, and that timezone's abbreviation then. */
export interface IWall {
  time: string;
  zone: string;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1]
];

const LENGTHS = UNITS.slice(2);

const MOMENT = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit'
} as const;

/** JupyterLab's language; one without a region in the variety that the browser prefers, such as `en-GB`. */
export function varietyOf(language: string, preferred: readonly string[]): string {
  return preferred.find(each => each.startsWith(`${language}-`)) ?? language;
}

/** Words of one language (BCP 47); `timeZone`: another one than the user's. */
export class Words {
  constructor(
    readonly language: string,
    timeZone?: string
  ) {
    this._relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'narrow' });
    this._absolute = new Intl.DateTimeFormat(language, {
      ...MOMENT,
      second: '2-digit',
      timeZoneName: 'short',
      timeZone
    });
    this._wall = new Intl.DateTimeFormat(language, { ...MOMENT, timeZone: 'UTC' });
    this._weekday = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' });
    this._time = new Intl.DateTimeFormat(language, { timeStyle: 'medium', timeZone });
    this._parts = new Intl.ListFormat(language, { type: 'unit', style: 'short' });
    this._percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
    this._number = new Intl.NumberFormat(language);
  }

  /** `in 2h`, `3m ago`, `now`; `now` is in milliseconds since the epoch. */
  relative(instant: string, now: number): string {
    const seconds = Math.round((Date.parse(instant) - now) / 1000);
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
    return this._relative.format(Math.trunc(seconds / size), unit);
  }

  /** Day and time with the zone's name. */
  absolute(instant: string): string {
    return this._absolute.format(Date.parse(instant));
  }

  /** The time of the day. */
  time(instant: string): string {
    return this._time.format(Date.parse(instant));
  }

  /** Day and time as that wall clock shows them. */
  wall({ time, zone }: IWall): string {
    return `${this._wall.format(Date.parse(`${time}Z`))} ${zone}`;
  }

  /** A day of the week; 0 is Sunday. */
  weekday(day: number): string {
    return this._weekday.format(Date.UTC(2023, 0, 1 + day)); // 2023-01-01 was a Sunday
  }

  /** The two largest units that matter: `2h 5m`, `1.3s`, `20ms`. */
  duration(seconds: number): string {
    if (seconds < 1) {
      return this._count(Math.round(Math.max(seconds, 0) * 1000), 'millisecond', 'narrow');
    }
    if (seconds < 10) {
      return this._count(Number(seconds.toFixed(1)), 'second', 'narrow');
    }
    const parts = partsOf(Math.round(seconds));
    const first = parts.findIndex(([count]) => count > 0);
    const told = parts.slice(first, first + 2).filter(([count]) => count > 0);
    return told.map(([count, unit]) => this._count(count, unit, 'narrow')).join(' ');
  }

  /** All of a length of time in full: `1 hour, 30 minutes`. */
  length(seconds: number): string {
    const parts = partsOf(seconds).filter(([count]) => count > 0);
    return this._parts.format(parts.map(([count, unit]) => this._count(count, unit, 'long')));
  }

  /** `50 %`, for a half. */
  percent(part: number): string {
    return this._percent.format(part);
  }

  /** A number with its thousands apart. */
  number(count: number): string {
    return this._number.format(count);
  }

  private _count(count: number, unit: string, unitDisplay: 'narrow' | 'long'): string {
    const key = `${unit} ${unitDisplay}`;
    const format = this._units.get(key) ?? new Intl.NumberFormat(this.language, { style: 'unit', unit, unitDisplay });
    this._units.set(key, format);
    return format.format(count);
  }

  private readonly _relative: Intl.RelativeTimeFormat;
  private readonly _absolute: Intl.DateTimeFormat;
  private readonly _wall: Intl.DateTimeFormat;
  private readonly _weekday: Intl.DateTimeFormat;
  private readonly _time: Intl.DateTimeFormat;
  private readonly _parts: Intl.ListFormat;
  private readonly _percent: Intl.NumberFormat;
  private readonly _number: Intl.NumberFormat;
  private readonly _units = new Map<string, Intl.NumberFormat>();
}

/** Seconds as days, hours, minutes and the rest. */
function partsOf(seconds: number): [number, string][] {
  let left = seconds;
  return LENGTHS.map(([unit, size]) => {
    const count = size === 1 ? left : Math.floor(left / size);
    left -= count * size;
    return [count, unit];
  });
}
