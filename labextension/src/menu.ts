// The menus of the panel: a deployment's, and that of all.

import { MenuSvg } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import { CommandIDs } from './commands';

type Entries = readonly (string | null)[];

/** What can be done with a deployment; null: a line between two of them. */
export const FOR_ONE: Entries = [
  CommandIDs.runDeploymentWith,
  CommandIDs.openDeployment,
  CommandIDs.createSchedule,
  CommandIDs.openFile,
  null,
  CommandIDs.deleteDeployment
];

/** What can be done with all that are shown. */
export const FOR_ALL: Entries = [
  CommandIDs.deployNotebook,
  null,
  CommandIDs.pauseAll,
  CommandIDs.resumeAll,
  CommandIDs.deleteAll
];

/** Open a menu below the button that was pressed. */
export function openMenu(
  commands: CommandRegistry,
  button: HTMLElement,
  args: ReadonlyJSONObject,
  entries: Entries
): void {
  const menu = new MenuSvg({ commands });
  for (const command of entries) {
    menu.addItem(command ? { command, args } : { type: 'separator' });
  }
  menu.aboutToClose.connect(() => {
    button.focus();
    setTimeout(() => menu.dispose());
  });
  const { left, bottom } = button.getBoundingClientRect();
  menu.open(left, bottom);
}
