// What can be done with a deployment, as commands.

import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { refreshIcon, runIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { chosenDeployment, type DeploymentArgs } from './choosing';
import { CommandIDs } from './commands';
import { missingParameters } from './parameters';
import type { ISidebar } from './sidebar';
import { told } from './telling';
import type { IDeployment, IFlowRun } from './wire';

const ARGS = {
  type: 'object',
  properties: {
    deployment_id: { type: 'string', description: 'The deployment’s id' },
    name: { type: 'string', description: 'The deployment’s name, flow/deployment' },
    paused: { type: 'boolean', description: 'Whether it shall be paused' }
  }
} as const;

/** Add the commands that act on deployments. */
export function addDeploymentCommands(sidebar: ISidebar): void {
  const { commands, deployments, server, trans } = sidebar;

  commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Refresh Deployments'),
    icon: refreshIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => deployments.refresh()
  });

  commands.addCommand(CommandIDs.startServer, {
    label: trans.__('Start Perijove’s Server'),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () =>
      told(sidebar, async () => {
        await server.ask('target', {});
        await deployments.refresh();
      })
  });

  commands.addCommand(CommandIDs.runDeployment, {
    label: trans.__('Run Now'),
    icon: runIcon,
    describedBy: { args: ARGS },
    execute: args => about(sidebar, args, deployment => run(sidebar, deployment))
  });

  commands.addCommand(CommandIDs.pauseDeployment, {
    label: args => (args.paused === false ? trans.__('Resume') : trans.__('Pause')),
    describedBy: { args: ARGS },
    execute: args => about(sidebar, args, deployment => setPaused(sidebar, deployment, args.paused !== false))
  });

  commands.addCommand(CommandIDs.resumeDeployment, {
    label: trans.__('Resume'),
    describedBy: { args: ARGS },
    execute: args => about(sidebar, args, deployment => setPaused(sidebar, deployment, false))
  });

  commands.addCommand(CommandIDs.deleteDeployment, {
    label: trans.__('Delete…'),
    describedBy: { args: ARGS },
    execute: args => about(sidebar, args, deployment => remove(sidebar, deployment))
  });
}

/** Do something with the deployment that a command is about, and tell what went wrong. */
export async function about(
  sidebar: ISidebar,
  args: ReadonlyPartialJSONObject,
  action: (deployment: DeploymentArgs) => Promise<unknown>
): Promise<void> {
  await told(sidebar, async () => {
    const deployment = await chosenDeployment(sidebar, args);
    if (deployment) {
      await action(deployment);
    }
  });
}

/** Run with the deployment's own parameters, or ask for those that have no value. */
async function run(sidebar: ISidebar, { deployment_id, name }: DeploymentArgs): Promise<void> {
  const { commands, deployments, server, trans } = sidebar;
  const deployment = await server.get<IDeployment>(`deployments/${deployment_id}`);
  if (missingParameters(deployment).length) {
    await commands.execute(CommandIDs.runDeploymentWith, { deployment_id, name });
    return;
  }
  const flow_run = await server.post<IFlowRun>(`deployments/${deployment_id}/create_flow_run`, {});
  const open = {
    label: trans.__('Show'),
    callback: () => void commands.execute(CommandIDs.openFlowRun, { flow_run_id: flow_run.id })
  };
  Notification.info(trans.__('%1 runs as %2', name, flow_run.name), { actions: [open], autoClose: 4000 });
  await deployments.loadStrips([deployment_id], true);
}

async function setPaused(sidebar: ISidebar, { deployment_id }: DeploymentArgs, paused: boolean): Promise<void> {
  const { deployments, server } = sidebar;
  deployments.setPaused(deployment_id, paused);
  try {
    await server.post(`deployments/${deployment_id}/${paused ? 'pause' : 'resume'}_deployment`);
  } finally {
    await deployments.refresh();
  }
}

async function remove(sidebar: ISidebar, { deployment_id, name }: DeploymentArgs): Promise<void> {
  const { deployments, server, trans } = sidebar;
  const { button } = await showDialog({
    title: trans.__('Delete %1?', name),
    body: trans.__('Its schedules go with it, and its runs that have not begun. Past runs and the file stay.'),
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Delete') })]
  });
  if (button.accept) {
    await server.delete(`deployments/${deployment_id}`);
    await deployments.refresh();
  }
}
