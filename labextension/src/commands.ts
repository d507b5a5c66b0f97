// The names of the sidebar's commands.

/** Commands, by what they do. */
export namespace CommandIDs {
  export const cancelRun = 'perijove:cancel-run';
  export const createSchedule = 'perijove:create-schedule';
  export const deleteAll = 'perijove:delete-all';
  export const deleteDeployment = 'perijove:delete-deployment';
  export const deployNotebook = 'perijove:deploy-notebook';
  export const openDeployment = 'perijove:open-deployment';
  export const openFile = 'perijove:open-file';
  export const openFlowRun = 'perijove:open-flow-run';
  export const openNotebook = 'perijove:open-notebook';
  export const openPanel = 'perijove:open-panel';
  export const pauseAll = 'perijove:pause-all';
  export const pauseDeployment = 'perijove:pause-deployment';
  export const refresh = 'perijove:refresh';
  export const resumeAll = 'perijove:resume-all';
  export const resumeDeployment = 'perijove:resume-deployment';
  export const retryRun = 'perijove:retry-run';
  export const runDeployment = 'perijove:run-deployment';
  export const runDeploymentWith = 'perijove:run-deployment-with';
  export const startServer = 'perijove:start-server';
}

/** Those that can do without arguments: they are about the page in front, or ask which deployment is meant. */
export const PALETTE = [
  CommandIDs.openPanel,
  CommandIDs.deployNotebook,
  CommandIDs.openDeployment,
  CommandIDs.runDeployment,
  CommandIDs.runDeploymentWith,
  CommandIDs.createSchedule,
  CommandIDs.pauseDeployment,
  CommandIDs.resumeDeployment,
  CommandIDs.deleteDeployment,
  CommandIDs.openFile,
  CommandIDs.cancelRun,
  CommandIDs.retryRun,
  CommandIDs.pauseAll,
  CommandIDs.resumeAll,
  CommandIDs.deleteAll,
  CommandIDs.refresh,
  CommandIDs.startServer
];
