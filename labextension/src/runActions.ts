// What can be done about a flow run: states that are proposed to the server.

import type { IFlowRun, IOrchestrationResult, StateType } from './wire';

/** What an action needs of a server. */
export interface IActionServer {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
}

/** Stop a run: one that has not begun is over at once, another one when its process has ended. */
export async function cancelRun(server: IActionServer, flow_run_id: string): Promise<void> {
  const { state_type } = await server.get<IFlowRun>(`flow_runs/${flow_run_id}`);
  await propose(server, flow_run_id, state_type === 'SCHEDULED' ? 'CANCELLED' : 'CANCELLING');
}

/** Run it once more, as the same run. */
export async function retryRun(server: IActionServer, flow_run_id: string): Promise<void> {
  await propose(server, flow_run_id, 'SCHEDULED', 'AwaitingRetry');
}

/** Propose a state; rejects when the server would not have it. */
async function propose(server: IActionServer, flow_run_id: string, type: StateType, name?: string): Promise<void> {
  const body = { state: { type, name, message: 'Asked for in JupyterLab.' }, force: false };
  const result = await server.post<IOrchestrationResult>(`flow_runs/${flow_run_id}/set_state`, body);
  if (result.status === 'ABORT' || result.status === 'REJECT') {
    throw new Error(result.details.reason ?? `The run stays ${result.state?.name ?? 'as it is'}.`);
  }
}
