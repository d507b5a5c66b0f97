// What can be done about a flow run: states that are proposed to the server.

import type { ISidebar } from './sidebar';
import type { IFlowRun, IOrchestrationResult, StateType } from './wire';

/** Stop a run: one that has not begun is over at once, another one when its process has ended. */
export async function cancelRun(sidebar: ISidebar, flow_run_id: string): Promise<void> {
  const { state_type } = await sidebar.server.get<IFlowRun>(`flow_runs/${flow_run_id}`);
  await propose(sidebar, flow_run_id, state_type === 'SCHEDULED' ? 'CANCELLED' : 'CANCELLING');
}

/** Run it once more, as the same run. */
export async function retryRun(sidebar: ISidebar, flow_run_id: string): Promise<void> {
  await propose(sidebar, flow_run_id, 'SCHEDULED', 'AwaitingRetry');
}

/** Propose a state; rejects when the server would not have it. */
async function propose(
  { server, trans }: ISidebar,
  flow_run_id: string,
  type: StateType,
  name?: string
): Promise<void> {
  const body = { state: { type, name, message: 'Asked for in JupyterLab.' }, force: false };
  const result = await server.post<IOrchestrationResult>(`flow_runs/${flow_run_id}/set_state`, body);
  if (result.status === 'ABORT' || result.status === 'REJECT') {
    throw new Error(result.details.reason ?? trans.__('The run stays as it is: %1.', result.state?.name ?? ''));
  }
}
