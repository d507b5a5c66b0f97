// What can be done with all deployments that the panel shows, as commands.

import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';

import { CommandIDs } from './commands';
import { isFiltering } from './rows';
import type { ISidebar } from './sidebar';
import { told } from './telling';

type Action = 'pause' | 'resume' | 'delete';

/** Add the commands that act on all deployments that the panel's filter asks for. */
export function addBulkCommands(sidebar: ISidebar): void {
  const { commands, trans } = sidebar;
  const all: [string, Action, string][] = [
    [CommandIDs.pauseAll, 'pause', trans.__('Pause All Shown…')],
    [CommandIDs.resumeAll, 'resume', trans.__('Resume All Shown…')],
    [CommandIDs.deleteAll, 'delete', trans.__('Delete All Shown…')]
  ];
  for (const [id, action, label] of all) {
    commands.addCommand(id, {
      label,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => told(sidebar, () => act(sidebar, action))
    });
  }
}

async function act(sidebar: ISidebar, action: Action): Promise<void> {
  const { deployments, server, trans } = sidebar;
  const { filter } = deployments;
  const { total } = await server.ask<{ total: number }>('rows', { ...filter, cursor: { flow: 0, deployment: 0 } });
  if (!total || !(await isConfirmed(sidebar, action, total))) {
    return;
  }
  const { count } = await server.ask<{ count: number }>('bulk', { ...filter, action });
  const words = {
    pause: trans._n('%1 deployment is paused.', '%1 deployments are paused.', count),
    resume: trans._n('%1 deployment is active.', '%1 deployments are active.', count),
    delete: trans._n('%1 deployment is deleted.', '%1 deployments are deleted.', count)
  };
  Notification.success(words[action], { autoClose: 4000 });
  await deployments.refresh();
}

async function isConfirmed({ deployments, trans }: ISidebar, action: Action, total: number): Promise<boolean> {
  const titles = {
    pause: trans._n('Pause %1 deployment?', 'Pause %1 deployments?', total),
    resume: trans._n('Resume %1 deployment?', 'Resume %1 deployments?', total),
    delete: trans._n('Delete %1 deployment?', 'Delete %1 deployments?', total)
  };
  const labels = { pause: trans.__('Pause'), resume: trans.__('Resume'), delete: trans.__('Delete') };
  const button = action === 'delete' ? Dialog.warnButton : Dialog.okButton;
  const result = await showDialog({
    title: titles[action],
    body: isFiltering(deployments.filter)
      ? trans.__('These are all that the search and the filters find.')
      : trans.__('These are all deployments that there are: no filter is in force.'),
    buttons: [Dialog.cancelButton(), button({ label: labels[action] })]
  });
  return result.button.accept;
}
