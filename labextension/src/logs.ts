// Log lines as the page shows them: searched, by level, and as a file.

import { plain } from './ansi';
import type { ILog } from './wire';

/** The levels of Python's logging, by their numbers. */
export const LEVELS: readonly [number, string][] = [
  [10, 'DEBUG'],
  [20, 'INFO'],
  [30, 'WARNING'],
  [40, 'ERROR'],
  [50, 'CRITICAL']
];

/** A line of the view: a log's first line with what is known of it, or a further one. */
export interface ILine {
  log: ILog;
  text: string;
  isFirst: boolean;
}

/** The name of a level: that of the last known one at or below it. */
export function levelName(level: number): string {
  return LEVELS.reduce((name, [least, known]) => (level >= least ? known : name), 'DEBUG');
}

/** The lines of the logs at or above a level whose text holds `search`, whatever the case. */
export function lines(logs: readonly ILog[], level: number, search: string): ILine[] {
  const wanted = search.toLowerCase();
  return logs
    .filter(log => log.level >= level && (!wanted || plain(log.message).toLowerCase().includes(wanted)))
    .flatMap(log =>
      log.message.split('\n').map((text, place) => ({ log, text: text.replace(/\r$/, ''), isFirst: place === 0 }))
    );
}

/** The logs as the text of a file. */
export function asText(logs: readonly ILog[]): string {
  return logs.map(log => `${log.timestamp} ${levelName(log.level)} ${log.name}: ${plain(log.message)}\n`).join('');
}
