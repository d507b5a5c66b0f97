// The menu of a deployment's row.

import { MenuSvg } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import { CommandIDs } from './commands';

const ENTRIES = [
  CommandIDs.runDeploymentWith,
  CommandIDs.openDeployment,
  CommandIDs.createSchedule,
  CommandIDs.openFile,
  null,
  CommandIDs.deleteDeployment
];

/** Open a deployment's menu below the button that was pressed. */
export function openMenu(commands: CommandRegistry, button: HTMLElement, args: ReadonlyJSONObject): void {
  const menu = new MenuSvg({ commands });
  for (const command of ENTRIES) {
    menu.addItem(command ? { command, args } : { type: 'separator' });
  }
  menu.aboutToClose.connect(() => {
    button.focus();
    setTimeout(() => menu.dispose());
  });
  const { left, bottom } = button.getBoundingClientRect();
  menu.open(left, bottom);
}
