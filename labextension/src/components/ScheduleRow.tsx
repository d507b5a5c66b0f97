import { deleteIcon, editIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { ITold } from '../deployment';
import { useScheduleWords } from '../hooks';
import { told as orTold } from '../telling';
import { showScheduleDialog } from '../scheduleDialog';
import { hidden } from '../secrets';
import { useSidebar } from '../sidebar';
import type { IDeployment, IDeploymentSchedule } from '../wire';
import { Moment } from './Facts';
import { Switch } from './Switch';

interface IScheduleRowProps {
  deployment: IDeployment;
  schedule: IDeploymentSchedule;
  secrets: readonly string[] | null;
  told: ITold | undefined;
  now: number;
  onChanged: () => Promise<void>;
}

/** One schedule of a deployment: in words, with its next instant, and what can be done with it. */
export function ScheduleRow({ deployment, schedule, secrets, told, now, onChanged }: IScheduleRowProps): JSX.Element {
  const sidebar = useSidebar();
  const { server, trans, words } = sidebar;
  const scheduleWords = useScheduleWords();
  const shown = hidden(schedule.parameters, secrets ?? Object.keys(schedule.parameters));
  const path = `deployments/${deployment.id}/schedules/${schedule.id}`;
  const said = told ? scheduleWords.of(told) : '';
  const next = schedule.active && !deployment.paused ? told?.instants[0] : undefined;
  const doing = (action: () => Promise<unknown>): void =>
    void orTold(sidebar, async () => {
      await action();
      await onChanged();
    });
  return (
    <li>
      <Switch
        label={schedule.active ? trans.__('Pause the schedule %1', said) : trans.__('Resume the schedule %1', said)}
        isOn={schedule.active}
        onClick={() => doing(() => server.patch(path, { active: !schedule.active }))}
      />
      <span className="jp-Perijove-scheduleWords">
        {said}
        {Object.keys(schedule.parameters).length > 0 && (
          <code className="jp-Perijove-quiet"> {JSON.stringify(shown)}</code>
        )}
      </span>
      {next && <Moment instant={next.instant} now={now} wall={words.wall(next.wall)} />}
      <button
        className="jp-Perijove-iconButton"
        title={trans.__('Edit the schedule %1', said)}
        aria-label={trans.__('Edit the schedule %1', said)}
        onClick={() => doing(() => showScheduleDialog(sidebar, deployment, { schedule, shown }))}
      >
        <editIcon.react tag="span" />
      </button>
      <button
        className="jp-Perijove-iconButton"
        title={trans.__('Delete the schedule %1', said)}
        aria-label={trans.__('Delete the schedule %1', said)}
        onClick={() => doing(() => server.delete(path))}
      >
        <deleteIcon.react tag="span" />
      </button>
    </li>
  );
}
