// Task runs as bars over the time of their flow run.

import type { ITaskRun } from './wire';

/** A bar from `start`, `length` long, both as a part (0 to 1) of the whole time. */
export interface IBar {
  task_run: ITaskRun;
  start: number;
  length: number;
}

/** The task runs that have begun, in their order, as bars up to `now` (milliseconds since the epoch). */
export function bars(task_runs: readonly ITaskRun[], now: number): IBar[] {
  const spans = task_runs
    .flatMap(task_run => {
      const from = task_run.start_time && Date.parse(task_run.start_time);
      return from
        ? [{ task_run, from, to: task_run.end_time ? Date.parse(task_run.end_time) : Math.max(now, from) }]
        : [];
    })
    .sort((one, other) => one.from - other.from || inOrder(one.task_run, other.task_run));
  const first = Math.min(...spans.map(({ from }) => from));
  const whole = Math.max(...spans.map(({ to }) => to)) - first || 1;
  return spans.map(({ task_run, from, to }) => ({
    task_run,
    start: (from - first) / whole,
    length: (to - from) / whole
  }));
}

/** Two that began in the same millisecond; the wire knows microseconds, and Date does not. */
function inOrder(one: ITaskRun, other: ITaskRun): number {
  return (one.start_time ?? '') < (other.start_time ?? '') ? -1 : 1;
}
