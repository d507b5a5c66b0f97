// What is told of changes: to the panel while it can be seen, and to the user of runs that ended.

import { Notification } from '@jupyterlab/apputils';
import type { ServiceManager } from '@jupyterlab/services';
import { Poll } from '@lumino/polling';

import type { Changes, IChange } from './changes';
import { CommandIDs } from './commands';
import type { ISidebar } from './sidebar';

const NET = 30_000; // milliseconds after which what is shown is read anew, should a change not have been told
const RETURN = 2000; // milliseconds until the next look for a Jupyter Server that did not answer

/** Keep the panel up to date while it can be seen, and tell of runs that ended. */
export function keepUp(
  sidebar: ISidebar,
  { connectionFailure, events }: ServiceManager.IManager,
  isVisible: () => boolean
): Poll[] {
  const { changes, deployments, server } = sidebar;
  changes.happened.connect((_, change) => {
    if (isVisible() && change.deployment_id) {
      deployments.showState(change);
      void (change.kind === 'deployment'
        ? deployments.refresh()
        : deployments.loadStrips([change.deployment_id], true));
    }
    if (change.deployment_id) {
      tellOfEnd(sidebar, change); // else it is part of a run that is told of, or one that a cell waits for
    }
  });
  changes.missed.connect(() => {
    if (isVisible()) {
      void deployments.refresh();
    }
  });
  events.stream.connect((_, event) => changes.take(event));
  document.addEventListener('visibilitychange', () => document.hidden || changes.doubt());
  connectionFailure.connect(() => server.isOffline || changes.doubt());
  return [
    doubtEvery(NET, changes, () => document.hidden),
    doubtEvery(RETURN, changes, () => document.hidden || !server.isOffline)
  ];
}

/** Have what is shown read anew so often, but not while there is no need. */
function doubtEvery(interval: number, changes: Changes, isNeedless: () => boolean): Poll {
  return new Poll({
    name: `perijove:every-${interval}`,
    factory: async () => changes.doubt(),
    frequency: { interval, backoff: false },
    standby: isNeedless
  });
}

function tellOfEnd({ commands, settings, trans }: ISidebar, change: IChange): void {
  const show = {
    label: trans.__('Show'),
    callback: () => void commands.execute(CommandIDs.openFlowRun, { flow_run_id: change.flow_run_id })
  };
  const name = change.name ?? '';
  switch (change.state_type) {
    case 'FAILED':
    case 'CRASHED':
      if (settings.notifyFailed) {
        const words = change.state_type === 'FAILED' ? trans.__('%1 failed', name) : trans.__('%1 crashed', name);
        Notification.error(words, { actions: [show], autoClose: false });
      }
      break;
    case 'COMPLETED':
      if (settings.notifyCompleted) {
        Notification.success(trans.__('%1 completed', name), { actions: [show], autoClose: 10_000 });
      }
  }
}
