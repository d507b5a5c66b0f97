// One flow run, kept up to date while somebody looks at it.

import { type ISignal, Signal } from '@lumino/signaling';

import { asProblem, type Problem } from './problem';
import { isFinal } from './states';
import type { IDeployment, IFlow, IFlowRun, ILog, IOrchestrationResult, IState, ITaskRun, StateType } from './wire';

const HOLD = 30; // seconds that the server may hold its answer
const PAUSE = 1000; // milliseconds between two looks at the logs of a run that goes on
const AFTER_FAILURE = 3000; // milliseconds until the next try
const PAGE = 200; // things that the wire gives at once

/** What a flow run needs of a server. */
export interface IWire {
  get<T>(path: string, options?: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
}

/** A flow run with its states, its task runs and its logs. */
export class FlowRun {
  constructor(
    private readonly _wire: IWire,
    readonly id: string
  ) {}

  /** Something else is to be shown. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  flow_run: IFlowRun | null = null;
  flow: IFlow | null = null;
  deployment: IDeployment | null = null;
  parent: IFlowRun | null = null;
  states: readonly IState[] = [];
  task_runs: readonly ITaskRun[] = [];
  subflow_runs: readonly IFlowRun[] = [];
  logs: readonly ILog[] = [];
  problem: Problem | null = null;

  get isFinal(): boolean {
    return isFinal(this.flow_run?.state_type ?? null);
  }

  /** Keep up with the run until it has ended, or until `stop`. */
  async follow(): Promise<void> {
    this.stop();
    const stopped = new AbortController();
    this._stopped = stopped;
    while (!stopped.signal.aborted) {
      try {
        await this._catchUp();
        this.problem = null;
        if (this.isFinal) {
          this._changed.emit();
          return;
        }
        this._changed.emit();
        await this._untilChanged(stopped.signal);
      } catch (error) {
        if (!stopped.signal.aborted) {
          this.problem = asProblem(error);
          this._changed.emit();
          await pause(AFTER_FAILURE, stopped.signal);
        }
      }
    }
  }

  /** Ask for nothing any more. */
  stop(): void {
    this._stopped?.abort();
  }

  /** Propose a state; rejects with a Problem when the server would not have it. */
  async propose(type: StateType, name?: string): Promise<void> {
    const body = { state: { type, name, message: 'Asked for in JupyterLab.' }, force: false };
    const result = await this._wire.post<IOrchestrationResult>(`flow_runs/${this.id}/set_state`, body);
    if (result.status === 'ABORT' || result.status === 'REJECT') {
      throw new Error(result.details.reason ?? `The run stays ${result.state?.name ?? 'as it is'}.`);
    }
    void this.follow();
  }

  /** Stop the run: one that has not begun is over at once, another one when its process has ended. */
  async cancel(): Promise<void> {
    const begun = this.flow_run?.state_type !== 'SCHEDULED';
    await this.propose(begun ? 'CANCELLING' : 'CANCELLED');
  }

  /** Run it once more, as the same run. */
  async retry(): Promise<void> {
    await this.propose('SCHEDULED', 'AwaitingRetry');
  }

  private async _catchUp(): Promise<void> {
    const flow_run = await this._wire.get<IFlowRun>(`flow_runs/${this.id}`);
    this.flow_run = flow_run;
    await Promise.all([this._readAround(flow_run), this._readStates(), this._readProgress()]);
  }

  private async _readStates(): Promise<void> {
    this.states = await this._wire.get<IState[]>(`flow_run_states/?flow_run_id=${this.id}`);
  }

  /** What the run belongs to: read once. */
  private async _readAround({ flow_id, deployment_id, parent_task_run_id }: IFlowRun): Promise<void> {
    this.flow ??= await this._wire.get<IFlow>(`flows/${flow_id}`);
    if (deployment_id && !this.deployment) {
      this.deployment = await this._wire.get<IDeployment>(`deployments/${deployment_id}`).catch(() => null);
    }
    if (parent_task_run_id && !this.parent) {
      const task_run = await this._wire.get<ITaskRun>(`task_runs/${parent_task_run_id}`);
      this.parent = await this._wire.get<IFlowRun>(`flow_runs/${task_run.flow_run_id}`);
    }
  }

  /** Task runs, subflow runs, and those log lines that are not known yet. */
  private async _readProgress(): Promise<void> {
    const of_this = { id: { any_: [this.id] } };
    const under_this = { parent_flow_run_id: { any_: [this.id] } };
    const [task_runs, subflow_runs] = await Promise.all([
      this._wire.post<ITaskRun[]>('task_runs/filter', { flow_runs: of_this, limit: PAGE }),
      this._wire.post<IFlowRun[]>('flow_runs/filter', { flow_runs: under_this, limit: PAGE }),
      this._readLogs()
    ]);
    this.task_runs = task_runs;
    this.subflow_runs = subflow_runs;
  }

  private async _readLogs(): Promise<void> {
    let page: ILog[];
    do {
      page = await this._wire.post<ILog[]>('logs/filter', {
        logs: { flow_run_id: { any_: [this.id] } },
        sort: 'TIMESTAMP_ASC',
        limit: PAGE,
        offset: this.logs.length
      });
      this.logs = [...this.logs, ...page];
    } while (page.length === PAGE);
  }

  /** Wait until the run has another state; meanwhile show what it does. */
  private async _untilChanged(stopped: AbortSignal): Promise<void> {
    const known = this.flow_run?.state_id;
    const waiting = new AbortController();
    const options = {
      headers: { 'If-None-Match': `"${known}"`, Prefer: `wait=${HOLD}` },
      signal: stopped
    };
    const showing = this._showProgress(AbortSignal.any([stopped, waiting.signal]));
    try {
      const began = Date.now();
      const { state_id } = await this._wire.get<IFlowRun>(`flow_runs/${this.id}`, options);
      if (state_id === known && Date.now() - began < PAUSE) {
        await pause(PAUSE, stopped); // a server that does not hold its answers
      }
    } finally {
      waiting.abort();
      await showing;
    }
  }

  private async _showProgress(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await pause(PAUSE, until);
      if (!until.aborted && !globalThis.document?.hidden) {
        await this._readProgress().catch(() => null);
        this._changed.emit();
      }
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _stopped: AbortController | null = null;
}

/** Wait so many milliseconds, or until the signal says that it is no longer worth it. */
async function pause(milliseconds: number, until: AbortSignal): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, milliseconds);
    until.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
