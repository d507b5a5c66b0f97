// What pages and panel do about what the server tells.

import { Notification } from '@jupyterlab/apputils';
import type { Event } from '@jupyterlab/services';

import { Changes, type IChange } from './changes';
import { CommandIDs } from './commands';
import type { ISidebar } from './sidebar';

/** Keep the panel up to date while it can be seen, and tell of runs that failed. */
export function keepUp(sidebar: ISidebar, events: Event.IManager, isVisible: () => boolean): void {
  const { deployments } = sidebar;
  const changes = new Changes();
  changes.happened.connect((_, change) => {
    if (isVisible() && change.deployment_id) {
      void (change.kind === 'deployment'
        ? deployments.refresh()
        : deployments.loadStrips([change.deployment_id], true));
    }
    tellOfFailure(sidebar, change);
  });
  changes.missed.connect(() => {
    if (isVisible()) {
      void deployments.refresh();
    }
  });
  events.stream.connect((_, event) => changes.take(event));
}

function tellOfFailure({ commands, trans }: ISidebar, change: IChange): void {
  if (change.state_type !== 'FAILED' && change.state_type !== 'CRASHED') {
    return;
  }
  const show = {
    label: trans.__('Show'),
    callback: () => void commands.execute(CommandIDs.openFlowRun, { flow_run_id: change.flow_run_id })
  };
  const words =
    change.state_type === 'FAILED' ? trans.__('%1 failed', change.name) : trans.__('%1 crashed', change.name);
  Notification.error(words, { actions: [show], autoClose: false });
}
