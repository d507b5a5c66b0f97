// The `%deploy` line that a dialog's answers amount to: what is done stands in the notebook.

import { type IScheduleText, requestOf } from './scheduleText';

/** What is to be deployed, and how. */
export interface IDeployWish {
  flow: string;
  name: string;
  /** null: no schedule. */
  schedule: IScheduleText | null;
  /** `name=value`, one a line. */
  parameters: string;
  tags: string;
}

const LOADED = /^\s*%(?:load_ext|reload_ext)\s+perijove\b/m;

/** The magic's line. */
export function deployLine({ flow, name, schedule, parameters, tags }: IDeployWish): string {
  const words = ['%deploy', flow];
  const add = (option: string, value: string | undefined | null): void => {
    if (value) {
      words.push(option, quoted(value.replace(/[\r\n]+/g, ' ')));
    }
  };
  add('--name', name.trim());
  if (schedule) {
    const { cron, interval, rrule, timezone } = requestOf(schedule);
    add('--cron', cron);
    add('--every', interval);
    add('--rrule', rrule);
    add('--timezone', timezone);
  }
  split(parameters, '\n').forEach(parameter => add('--param', parameter));
  split(tags, ',').forEach(tag => add('--tag', tag));
  return words.join(' ');
}

/** The cell's text: with the line that loads the magics, if no cell has it. */
export function deployCell(wish: IDeployWish, sources: readonly string[]): string {
  const line = deployLine(wish);
  return sources.some(source => LOADED.test(source)) ? line : `%load_ext perijove\n${line}`;
}

/** A word as the magics read it: as a POSIX shell does. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) {
    return word;
  }
  return /["\\]/.test(word) ? `'${word.replace(/'/g, `'"'"'`)}'` : `"${word}"`;
}

function split(text: string, by: string): string[] {
  return text
    .split(by)
    .map(part => part.trim())
    .filter(Boolean);
}
