// The plugin: Perijove's sidebar in JupyterLab and Notebook.

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { addBulkCommands } from './bulkCommands';
import { Changes } from './changes';
import { CommandIDs, PALETTE } from './commands';
import { addDeploymentCommands } from './deploymentCommands';
import { Deployments } from './deployments';
import { keepUp } from './live';
import { addNotebookCommands } from './notebookCommands';
import { addPageCommands } from './pageCommands';
import { Page } from './pages';
import { DeploymentsPanel } from './panel';
import { addRunCommands } from './runCommands';
import { ScheduleWords } from './scheduleWords';
import { Server } from './server';
import { keepSettings } from './settings';
import type { ISidebar } from './sidebar';
import { varietyOf, Words } from './words';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'perijove:plugin',
  description: 'Deployments in the left sidebar.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer, INotebookTracker, ISettingRegistry],
  activate
};

export default plugin;

function activate(
  app: JupyterFrontEnd,
  rendermime: IRenderMimeRegistry,
  translator: ITranslator | null,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
  notebooks: INotebookTracker | null,
  registry: ISettingRegistry | null
): void {
  const server = new Server(app.serviceManager.serverSettings);
  const { languageCode } = translator ?? nullTranslator;
  const trans = (translator ?? nullTranslator).load('perijove');
  const words = new Words(varietyOf(languageCode, navigator.languages));
  const scheduleWords = new ScheduleWords(words, trans);
  void scheduleWords.load();
  const sidebar: ISidebar = {
    changes: new Changes(),
    commands: app.commands,
    deployments: new Deployments(server),
    inFront: () => (app.shell.currentWidget instanceof Page ? app.shell.currentWidget.restoredBy : {}),
    rendermime,
    scheduleWords,
    server,
    settings: keepSettings(plugin.id, registry),
    trans,
    words
  };
  addDeploymentCommands(sidebar);
  addBulkCommands(sidebar);
  addRunCommands(app, sidebar);
  addPageCommands(app, sidebar, restorer);
  addNotebookCommands(app, sidebar, notebooks);
  const panel = new DeploymentsPanel(sidebar);
  keepUp(sidebar, app.serviceManager, () => panel.isVisible && !document.hidden);
  app.shell.add(panel, 'left', { rank: 600, type: 'Deployments' });
  restorer?.add(panel, panel.id);
  app.commands.addCommand(CommandIDs.openPanel, {
    label: trans.__('Show Deployments'),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => app.shell.activateById(panel.id)
  });
  const category = trans.__('Deployments');
  for (const command of PALETTE) {
    palette?.addItem({ command, category });
  }
}
