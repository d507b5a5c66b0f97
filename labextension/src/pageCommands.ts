// Commands that open pages and dialogs; what was open is open again after a reload.

import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';

import { CommandIDs } from './commands';
import { about } from './deploymentCommands';
import { pathOf } from './file';
import { deploymentsIcon } from './icons';
import { deploymentPage, flowRunPage, type Page } from './pages';
import { showRunDialog } from './runDialog';
import { showScheduleDialog } from './scheduleDialog';
import type { ISidebar } from './sidebar';
import { told } from './telling';
import type { IDeployment, JsonObject } from './wire';

const DEPLOYMENT = {
  type: 'object',
  properties: {
    deployment_id: { type: 'string', description: 'The deployment’s id' },
    name: { type: 'string', description: 'The deployment’s name, flow/deployment' },
    parameters: { type: 'object', description: 'Parameters that the form begins with' }
  }
} as const;

const FLOW_RUN = {
  type: 'object',
  required: ['flow_run_id'],
  properties: { flow_run_id: { type: 'string', description: 'The flow run’s id' } }
} as const;

/** Add the commands that open something. */
export function addPageCommands(app: JupyterFrontEnd, sidebar: ISidebar, restorer: ILayoutRestorer | null): void {
  const { commands, server, trans } = sidebar;
  const deployments = new WidgetTracker<Page>({ namespace: 'perijove-deployments' });
  const flow_runs = new WidgetTracker<Page>({ namespace: 'perijove-flow-runs' });
  const read = (id: unknown): Promise<IDeployment> => server.get<IDeployment>(`deployments/${String(id)}`);

  commands.addCommand(CommandIDs.openDeployment, {
    label: trans.__('Open'),
    icon: deploymentsIcon,
    describedBy: { args: DEPLOYMENT },
    execute: args =>
      about(sidebar, args, async ({ deployment_id, name }) =>
        show(app, deployments, `perijove-deployment-${deployment_id}`, () =>
          deploymentPage(sidebar, deployment_id, name)
        )
      )
  });

  commands.addCommand(CommandIDs.openFlowRun, {
    label: trans.__('Open Run'),
    icon: deploymentsIcon,
    describedBy: { args: FLOW_RUN },
    execute: args => {
      const id = String(args.flow_run_id);
      show(app, flow_runs, `perijove-flow-run-${id}`, () => flowRunPage(sidebar, id));
    }
  });

  commands.addCommand(CommandIDs.runDeploymentWith, {
    label: trans.__('Run with Parameters…'),
    describedBy: { args: DEPLOYMENT },
    execute: args =>
      about(sidebar, args, async ({ deployment_id, name }) => {
        const deployment = await read(deployment_id);
        const run = await showRunDialog(sidebar, deployment, name, (args.parameters ?? {}) as JsonObject);
        if (run) {
          await commands.execute(CommandIDs.openFlowRun, { flow_run_id: run.id });
          await sidebar.deployments.loadStrips([deployment.id], true);
        }
      })
  });

  commands.addCommand(CommandIDs.createSchedule, {
    label: trans.__('Add a Schedule…'),
    describedBy: { args: DEPLOYMENT },
    execute: args =>
      about(sidebar, args, async ({ deployment_id }) => {
        await showScheduleDialog(sidebar, await read(deployment_id));
        await sidebar.deployments.refresh();
      })
  });

  commands.addCommand(CommandIDs.openFile, {
    label: trans.__('Open the File'),
    describedBy: { args: DEPLOYMENT },
    execute: args =>
      about(sidebar, args, async ({ deployment_id }) => {
        const path = pathOf(await read(deployment_id));
        if (path === null) {
          throw new Error(trans.__('Its file is outside of the directory that this JupyterLab shows.'));
        }
        await commands.execute('docmanager:open', { path });
      })
  });

  commands.addCommand(CommandIDs.openNotebook, {
    label: trans.__('Open the Notebook'),
    describedBy: { args: { type: 'object', properties: { path: { type: 'string', description: 'Its path' } } } },
    execute: args => told(sidebar, () => commands.execute('docmanager:open', { path: args.path ?? null }))
  });

  void restorer?.restore(deployments, {
    command: CommandIDs.openDeployment,
    args: page => page.restoredBy,
    name: page => page.id
  });
  void restorer?.restore(flow_runs, {
    command: CommandIDs.openFlowRun,
    args: page => page.restoredBy,
    name: page => page.id
  });
}

/** Bring the page to the front, made if it is not open. */
function show(app: JupyterFrontEnd, tracker: WidgetTracker<Page>, id: string, make: () => Page): void {
  let page = tracker.find(open => open.id === id);
  if (!page) {
    page = make();
    void tracker.add(page);
    page.labelled.connect(sender => void tracker.save(sender));
  }
  if (!page.isAttached) {
    app.shell.add(page, 'main');
  }
  if (!page.isAttached) {
    app.shell.add(page, 'right'); // Notebook's main area holds one document alone
  }
  app.shell.activateById(id);
}
