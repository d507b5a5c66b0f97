// How long a run has taken: the wire tells it when the run has ended.

import type { IFlowRun } from './wire';

/** Seconds that the run took, or has taken by `now` (milliseconds since the epoch). */
export function secondsOf(
  { start_time, end_time, total_run_time }: Pick<IFlowRun, 'start_time' | 'end_time' | 'total_run_time'>,
  now: number
): number {
  return start_time && !end_time ? (now - Date.parse(start_time)) / 1000 : total_run_time;
}
