// The names of the sidebar's commands.

/** Commands, by what they do. */
export namespace CommandIDs {
  export const cancelRun = 'perijove:cancel-run';
  export const createSchedule = 'perijove:create-schedule';
  export const deleteDeployment = 'perijove:delete-deployment';
  export const deployNotebook = 'perijove:deploy-notebook';
  export const openDeployment = 'perijove:open-deployment';
  export const openFile = 'perijove:open-file';
  export const openFlowRun = 'perijove:open-flow-run';
  export const openPanel = 'perijove:open-panel';
  export const pauseDeployment = 'perijove:pause-deployment';
  export const refresh = 'perijove:refresh';
  export const retryRun = 'perijove:retry-run';
  export const runDeployment = 'perijove:run-deployment';
  export const runDeploymentWith = 'perijove:run-deployment-with';
  export const startServer = 'perijove:start-server';
}
