import { deleteIcon, editIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { ITold } from '../deployment';
import { told as orTold } from '../deploymentCommands';
import { showScheduleDialog } from '../scheduleDialog';
import { useSidebar } from '../sidebar';
import type { IDeployment, IDeploymentSchedule } from '../wire';
import { absolute, relative } from '../words';
import { Moment } from './Facts';
import { Switch } from './Switch';

interface IScheduleRowProps {
  deployment: IDeployment;
  schedule: IDeploymentSchedule;
  told: ITold | undefined;
  now: number;
  onChanged: () => Promise<void>;
}

/** One schedule of a deployment: in words, with its next instant, and what can be done with it. */
export function ScheduleRow({ deployment, schedule, told, now, onChanged }: IScheduleRowProps): JSX.Element {
  const sidebar = useSidebar();
  const { server, trans } = sidebar;
  const path = `deployments/${deployment.id}/schedules/${schedule.id}`;
  const words = told?.words ?? '';
  const next = schedule.active && !deployment.paused ? told?.instants[0] : undefined;
  const doing = (action: () => Promise<unknown>): void =>
    void orTold(async () => {
      await action();
      await onChanged();
    });
  return (
    <li>
      <Switch
        label={schedule.active ? trans.__('Pause the schedule %1', words) : trans.__('Resume the schedule %1', words)}
        isOn={schedule.active}
        onClick={() => doing(() => server.patch(path, { active: !schedule.active }))}
      />
      <span className="jp-Perijove-scheduleWords">
        {words}
        {Object.keys(schedule.parameters).length > 0 && (
          <code className="jp-Perijove-quiet"> {JSON.stringify(schedule.parameters)}</code>
        )}
      </span>
      {next && (
        <Moment
          instant={next.instant}
          words={relative(next.instant, now)}
          title={`${next.there} · ${absolute(next.instant)}`}
        />
      )}
      <button
        className="jp-Perijove-iconButton"
        title={trans.__('Edit the schedule %1', words)}
        aria-label={trans.__('Edit the schedule %1', words)}
        onClick={() => doing(() => showScheduleDialog(sidebar, deployment, schedule))}
      >
        <editIcon.react tag="span" />
      </button>
      <button
        className="jp-Perijove-iconButton"
        title={trans.__('Delete the schedule %1', words)}
        aria-label={trans.__('Delete the schedule %1', words)}
        onClick={() => doing(() => server.delete(path))}
      >
        <deleteIcon.react tag="span" />
      </button>
    </li>
  );
}
