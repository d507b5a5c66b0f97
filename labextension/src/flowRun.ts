// One flow run, kept up to date while somebody looks at it.

import { type ISignal, Signal } from '@lumino/signaling';

import type { IChange } from './changes';
import { Latest } from './latest';
import { asProblem, type Problem } from './problem';
import { Reading } from './reading';
import { type ILogServer, RunLog } from './runLog';
import { secretsOf } from './secrets';
import { isFinal } from './states';
import type { IArtifact, IDeployment, IFlow, IFlowRun, IState, ITaskRun } from './wire';

/** What a flow run returned, as JSON; `told` says why there is none. */
export interface IResult {
  text: string | null;
  told: string;
}

/** What a flow run needs of a server. */
export interface IRunServer extends ILogServer {
  ask<T>(path: string, body?: unknown): Promise<T>;
  get<T>(path: string): Promise<T>;
}

/** A flow run with its states, its task runs, its log and what it shows of its work. */
export class FlowRun {
  constructor(
    private readonly _server: IRunServer,
    readonly id: string
  ) {
    this.log = new RunLog(_server, id);
    const by_start = 'EXPECTED_START_TIME_DESC';
    this.task_runs = new Latest(_server, 'task_runs', by_start, { flow_runs: { id: { any_: [id] } } });
    this.subflow_runs = new Latest(_server, 'flow_runs', by_start, {
      flow_runs: { parent_flow_run_id: { any_: [id] } }
    });
    this.artifacts = new Latest(_server, 'artifacts', 'CREATED_DESC', { artifacts: { flow_run_id: { any_: [id] } } });
  }

  /** Something else is to be shown. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  readonly log: RunLog;
  readonly task_runs: Latest<ITaskRun>;
  readonly subflow_runs: Latest<IFlowRun>;
  readonly artifacts: Latest<IArtifact>;
  flow_run: IFlowRun | null = null;
  flow: IFlow | null = null;
  deployment: IDeployment | null = null;
  /** Parameters that are not shown; null: not known yet. */
  secrets: readonly string[] | null = null;
  parent: IFlowRun | null = null;
  states: readonly IState[] = [];
  result: IResult | null = null;
  problem: Problem | null = null;

  get isFinal(): boolean {
    return isFinal(this.flow_run?.state_type ?? null);
  }

  /** Whether a change is about this run. */
  concerns({ flow_run_id }: IChange): boolean {
    return flow_run_id === this.id || this.subflow_runs.shown.some(({ id }) => id === flow_run_id);
  }

  /** Read everything anew, or what the `change` is about, and have the log of a run that goes on pushed. */
  async follow(change?: IChange): Promise<void> {
    this._isFollowed = true;
    await (change?.kind === 'artifacts' ? this._readingArtifacts : this._reading).again();
  }

  /** Show more of these: those that came before. */
  async showEarlier(things: Latest<unknown>): Promise<void> {
    things.widen();
    await this._reading.again();
  }

  /** Ask for nothing any more. */
  stop(): void {
    this._isFollowed = false;
    this.log.stop();
  }

  private async _read(): Promise<void> {
    try {
      const flow_run = await this._server.get<IFlowRun>(`flow_runs/${this.id}`);
      this.flow_run = flow_run;
      await Promise.all([this._readAround(flow_run), this._readStates(), this._readParts(), this._readLog()]);
      this.result = isFinal(flow_run.state_type) ? await this._server.ask<IResult>(`result/${this.id}`) : null;
      this.problem = null;
    } catch (error) {
      this.problem = asProblem(error);
    }
    this._changed.emit();
  }

  private async _readStates(): Promise<void> {
    this.states = await this._server.get<IState[]>(`flow_run_states/?flow_run_id=${this.id}`);
  }

  /** What the run belongs to: read once. */
  private async _readAround({ flow_id, deployment_id, parent_task_run_id }: IFlowRun): Promise<void> {
    this.flow ??= await this._server.get<IFlow>(`flows/${flow_id}`);
    if (deployment_id && !this.deployment) {
      this.deployment = await this._server.get<IDeployment>(`deployments/${deployment_id}`).catch(() => null);
    }
    this.secrets ??= this.deployment ? await secretsOf(this._server, this.deployment.id) : [];
    if (parent_task_run_id && !this.parent) {
      const task_run = await this._server.get<ITaskRun>(`task_runs/${parent_task_run_id}`);
      this.parent = await this._server.get<IFlowRun>(`flow_runs/${task_run.flow_run_id}`);
    }
  }

  private async _readParts(): Promise<void> {
    await Promise.all([this.task_runs.read(), this.subflow_runs.read(), this.artifacts.read()]);
  }

  private async _readArtifacts(): Promise<void> {
    await this.artifacts.read().catch(() => undefined); // the next reading of all tells what is wrong
    this._changed.emit();
  }

  private async _readLog(): Promise<void> {
    if (this.isFinal) {
      this.log.stop();
      await this.log.catchUp();
    } else if (this._isFollowed) {
      this.log.follow();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _reading = new Reading(() => this._read());
  private readonly _readingArtifacts = new Reading(() => this._readArtifacts());
  private _isFollowed = false;
}
