// What can be done about a flow run, as commands.

import type { JupyterFrontEnd } from '@jupyterlab/application';

import { CommandIDs } from './commands';
import { cancelRun, retryRun } from './runActions';
import type { ISidebar } from './sidebar';
import { told } from './telling';

const ARGS = {
  type: 'object',
  properties: { flow_run_id: { type: 'string', description: 'The flow run’s id; default: that of the page in front' } }
} as const;

/** Add the commands that act on a flow run: the one that is named, or the one of the page in front. */
export function addRunCommands(app: JupyterFrontEnd, sidebar: ISidebar): void {
  const { commands, trans } = sidebar;
  const all = [
    { id: CommandIDs.cancelRun, label: trans.__('Cancel Run'), act: cancelRun },
    { id: CommandIDs.retryRun, label: trans.__('Retry Run'), act: retryRun }
  ];
  for (const { id, label, act } of all) {
    commands.addCommand(id, {
      label,
      describedBy: { args: ARGS },
      isEnabled: args => Boolean(args.flow_run_id ?? sidebar.inFront().flow_run_id),
      execute: args => told(sidebar, () => act(sidebar, String(args.flow_run_id ?? sidebar.inFront().flow_run_id)))
    });
    app.shell.currentChanged?.connect(() => commands.notifyCommandChanged(id));
  }
}
