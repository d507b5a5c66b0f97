// From the open notebook to a deployment: a dialog writes the `%deploy` line into a cell, and the kernel runs it.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import { CommandIDs } from './commands';
import { deployCell } from './deployLine';
import { showDeployDialog } from './deployDialog';
import { deploymentsIcon } from './icons';
import { NotebookDrift } from './notebookDrift';
import type { INotebookText } from './notebookText';
import type { ISidebar } from './sidebar';
import { told } from './telling';

/** Add the command that deploys from the open notebook. */
export function addNotebookCommands(app: JupyterFrontEnd, sidebar: ISidebar, tracker: INotebookTracker | null): void {
  const { commands, deployments, server, trans } = sidebar;
  const drift = tracker && new NotebookDrift(server, tracker);
  commands.addCommand(CommandIDs.deployNotebook, {
    label: trans.__('Deploy a Flow…'),
    caption: () =>
      drift?.functions.length
        ? trans.__('Deploy a flow of this notebook (changed since it was deployed: %1)', drift.functions.join(', '))
        : trans.__('Deploy a flow of this notebook'),
    className: () => (drift?.functions.length ? 'jp-Perijove-drifted' : ''),
    icon: deploymentsIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: () => Boolean(tracker?.currentWidget),
    execute: () =>
      told(sidebar, async () => {
        const panel = tracker?.currentWidget;
        if (!panel) {
          return;
        }
        const notebook = textOf(panel);
        const flows = await server.ask<string[]>('notebook/flows', notebook);
        if (!flows.length) {
          throw new Error(trans.__('No cell of this notebook defines a flow: write @flow above a function.'));
        }
        const wish = await showDeployDialog(sidebar, notebook, flows);
        if (wish) {
          const sources = notebook.cells.map(({ source }) => source);
          app.shell.activateById(panel.id);
          await runInNewCell(panel, deployCell(wish, sources));
          await Promise.all([deployments.refresh(), drift?.look()]);
        }
      })
  });
  const notify = (): void => commands.notifyCommandChanged(CommandIDs.deployNotebook);
  tracker?.currentChanged.connect(notify);
  drift?.changed.connect(notify);
}

/** The notebook's code as it stands in the editor, saved or not. */
function textOf(panel: NotebookPanel): INotebookText {
  const cells = Array.from(panel.model?.cells ?? []).filter(cell => cell.type === 'code');
  return {
    path: panel.context.localPath,
    cells: cells.map(cell => ({ id: cell.id, source: cell.sharedModel.source }))
  };
}

/** Add a cell at the notebook's end and run it. */
async function runInNewCell({ content, sessionContext }: NotebookPanel, source: string): Promise<void> {
  content.activeCellIndex = content.widgets.length - 1;
  NotebookActions.insertBelow(content);
  content.activeCell?.model.sharedModel.setSource(source);
  await NotebookActions.run(content, sessionContext);
}
