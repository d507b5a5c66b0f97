// The dialog that deploys a flow of the open notebook.

import React from 'react';

import { DeployForm } from './components/DeployForm';
import type { IScheduleDraft } from './components/ScheduleForm';
import type { IDeployWish } from './deployLine';
import { showForm } from './dialog';
import { asProblem } from './problem';
import { adviceOf } from './problemWords';
import type { INotebookText } from './notebookText';
import { newText, requestOf } from './scheduleText';
import type { ISidebar } from './sidebar';

/** What the form's fields write. */
export interface IDeployDraft extends Omit<IDeployWish, 'schedule'> {
  isScheduled: boolean;
  schedule: IScheduleDraft;
}

/** Ask what to deploy and how; null when the user would rather not. */
export async function showDeployDialog(
  sidebar: ISidebar,
  notebook: INotebookText,
  flows: readonly string[]
): Promise<IDeployWish | null> {
  const { server, trans } = sidebar;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const draft: IDeployDraft = {
    flow: flows[0],
    name: 'default',
    parameters: '',
    tags: '',
    isScheduled: false,
    schedule: { text: newText(zone), parameters: '', options: null, refuse: () => undefined }
  };
  const submit = async (): Promise<boolean> => {
    if (draft.isScheduled) {
      try {
        await server.ask('schedules/preview', requestOf(draft.schedule.text));
      } catch (error) {
        draft.schedule.refuse(adviceOf(asProblem(error), trans));
        return false;
      }
    }
    return true;
  };
  const accepted = await showForm(sidebar, {
    title: trans.__('Deploy a flow of this notebook'),
    accept: trans.__('Write the cell and run it'),
    body: <DeployForm draft={draft} notebook={notebook} flows={flows} timezones={server.ask<string[]>('timezones')} />,
    submit
  });
  return accepted ? { ...draft, schedule: draft.isScheduled ? draft.schedule.text : null } : null;
}
