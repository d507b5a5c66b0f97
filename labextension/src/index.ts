// The plugin: Perijove's sidebar in JupyterLab and Notebook.

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from './commands';
import { addDeploymentCommands } from './deploymentCommands';
import { Deployments } from './deployments';
import { keepUp } from './live';
import { addNotebookCommands } from './notebookCommands';
import { addPageCommands } from './pageCommands';
import { DeploymentsPanel } from './panel';
import { Server } from './server';
import type { ISidebar } from './sidebar';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'perijove:plugin',
  description: 'Deployments in the left sidebar.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer, INotebookTracker],
  activate
};

export default plugin;

function activate(
  app: JupyterFrontEnd,
  rendermime: IRenderMimeRegistry,
  translator: ITranslator | null,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
  notebooks: INotebookTracker | null
): void {
  const server = new Server(app.serviceManager.serverSettings);
  const trans = (translator ?? nullTranslator).load('perijove');
  const sidebar: ISidebar = {
    commands: app.commands,
    deployments: new Deployments(server),
    rendermime,
    server,
    trans
  };
  addDeploymentCommands(sidebar);
  addPageCommands(app, sidebar, restorer);
  addNotebookCommands(app, sidebar, notebooks);
  const panel = new DeploymentsPanel(sidebar);
  keepUp(sidebar, app.serviceManager.events, () => panel.isVisible && !document.hidden);
  app.shell.add(panel, 'left', { rank: 600, type: 'Deployments' });
  restorer?.add(panel, panel.id);
  app.commands.addCommand(CommandIDs.openPanel, {
    label: trans.__('Show Deployments'),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => app.shell.activateById(panel.id)
  });
  const category = trans.__('Deployments');
  for (const command of [CommandIDs.openPanel, CommandIDs.deployNotebook, CommandIDs.refresh, CommandIDs.startServer]) {
    palette?.addItem({ command, category });
  }
}
