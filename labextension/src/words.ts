// Instants and lengths of time in words, in the user's language and zone.

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1]
];

const LENGTHS: [string, number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1]
];

/** `in 2 hours`, `3 minutes ago`, `now`; `now` is in milliseconds since the epoch. */
export function relative(instant: string, now: number, language?: string): string {
  const seconds = Math.round((Date.parse(instant) - now) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'narrow' });
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return format.format(Math.trunc(seconds / size), unit);
}

/** Day and time with the zone's name: the user's own zone, or the one that is given. */
export function absolute(instant: string, language?: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(language, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    timeZone
  }).format(new Date(instant));
}

/** The two largest units that matter: `2 h 5 min`, `1.3 s`, `20 ms`. */
export function duration(seconds: number): string {
  if (seconds < 1) {
    return `${Math.round(Math.max(seconds, 0) * 1000)} ms`;
  }
  if (seconds < 10) {
    return `${Number(seconds.toFixed(1))} s`;
  }
  let left = Math.round(seconds);
  const parts: string[] = [];
  for (const [unit, size] of LENGTHS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count) {
      parts.push(`${count} ${unit}`);
    } else if (parts.length) {
      break;
    }
    if (parts.length === 2) {
      break;
    }
  }
  return parts.join(' ');
}
