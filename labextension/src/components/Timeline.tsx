import React from 'react';

import { useSidebar } from '../sidebar';
import { lookOf } from '../states';
import { bars } from '../timeline';
import type { ITaskRun } from '../wire';

/** The task runs, each as a bar over the time that they took together. */
export function Timeline({ task_runs, now }: { task_runs: readonly ITaskRun[]; now: number }): JSX.Element {
  const { trans, words } = useSidebar();
  return (
    <ol className="jp-Perijove-timeline">
      {bars(task_runs, now).map(({ task_run, start, length }) => {
        const { tone, sign } = lookOf(task_run.state_type);
        const took = words.duration(
          (Date.parse(task_run.end_time ?? '') || now) / 1000 - Date.parse(task_run.start_time ?? '') / 1000
        );
        return (
          <li key={task_run.id}>
            <span className="jp-Perijove-timelineName" title={task_run.name}>
              {task_run.name}
            </span>
            <span className="jp-Perijove-timelineTrack" aria-hidden="true">
              <span
                className={`jp-Perijove-bar jp-mod-${tone}`}
                style={{ insetInlineStart: `${start * 100}%`, inlineSize: `max(3px, ${length * 100}%)` }}
              />
            </span>
            <span className="jp-Perijove-timelineTook" title={task_run.state_name ?? ''}>
              <span aria-hidden="true">{sign} </span>
              <span className="jp-Perijove-hidden">{trans.__('%1, took', task_run.state_name ?? '')} </span>
              {took}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
