// The dialog that adds or changes a schedule.

import React from 'react';

import { type IScheduleDraft, ScheduleForm } from './components/ScheduleForm';
import { showForm } from './dialog';
import { asProblem } from './problem';
import { adviceOf } from './problemWords';
import { newText, requestOf, textOf } from './scheduleText';
import { restored } from './secrets';
import type { ISidebar } from './sidebar';
import type { ITarget } from './server';
import type { IDeployment, IDeploymentSchedule, JsonObject, Schedule } from './wire';

/** The schedule that is to be changed, and its parameters as they may be shown. */
interface IBefore {
  schedule: IDeploymentSchedule;
  shown: JsonObject;
}

/** Ask for a schedule and keep it; `before`: the one to change. */
export async function showScheduleDialog(sidebar: ISidebar, deployment: IDeployment, before?: IBefore): Promise<void> {
  const { server, trans } = sidebar;
  const schedule = before?.schedule;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const draft: IScheduleDraft = {
    text: schedule ? textOf(schedule.schedule) : newText(zone),
    parameters: before && Object.keys(before.shown).length ? JSON.stringify(before.shown) : '',
    options: await optionsOf(sidebar, schedule),
    refuse: () => undefined
  };
  const submit = async (): Promise<boolean> => {
    try {
      await keep(sidebar, deployment, draft, schedule);
      return true;
    } catch (error) {
      draft.refuse(adviceOf(asProblem(error), trans));
      return false;
    }
  };
  const known = server.ask<string[]>('timezones');
  await showForm(sidebar, {
    title: schedule ? trans.__('Edit the schedule') : trans.__('Add a schedule'),
    accept: trans.__('Save'),
    body: <ScheduleForm draft={draft} timezones={known} />,
    submit
  });
}

/** How it treats what was missed or overlaps; null where the server knows neither. */
async function optionsOf({ server }: ISidebar, schedule?: IDeploymentSchedule): Promise<IScheduleDraft['options']> {
  if (schedule) {
    const { catchup, overlap } = schedule;
    return catchup && overlap ? { catchup, overlap } : null;
  }
  const { kind } = await server.ask<ITarget>('target');
  return kind === 'embedded' ? { catchup: 'latest', overlap: 'allow' } : null;
}

async function keep(
  { server }: ISidebar,
  deployment: IDeployment,
  draft: IScheduleDraft,
  before?: IDeploymentSchedule
): Promise<void> {
  const typed = JSON.parse(draft.parameters || '{}') as JsonObject;
  const parameters = restored(typed, before?.parameters ?? {});
  const { schedule } = await server.ask<{ schedule: Schedule }>('schedules/preview', requestOf(draft.text));
  const path = `deployments/${deployment.id}/schedules`;
  const kept = { schedule, parameters, ...draft.options };
  if (before) {
    await server.patch(`${path}/${before.id}`, kept);
  } else {
    await server.post(path, [kept]);
  }
}
