// One deployment with its schedules in words, its runs and who runs them, read while somebody looks at it.

import { type ISignal, Signal } from '@lumino/signaling';

import type { IChange } from './changes';
import { inPages } from './inPages';
import { asProblem, type Problem } from './problem';
import { Reading } from './reading';
import type { ISaid } from './scheduleWords';
import { secretsOf } from './secrets';
import type { Server } from './server';
import type { IDeployment, IFlow, IFlowRun, IWorkPool, StateType } from './wire';
import type { IWall } from './words';

const MORE = 20; // runs that are added to the list at once

/** A schedule, told. `wall` is what a clock on a wall of its timezone shows. */
export interface ITold extends ISaid {
  instants: { instant: string; wall: IWall }[];
}

/** An automation that belongs to a deployment or acts on it, in words. */
export interface ITrigger {
  id: string;
  name: string;
  enabled: boolean;
  when: string[];
  /** Other deployments whose events it waits for. */
  of: string[];
  actions: string[];
}

/** The notebook that a deployment came from; `diff` is from the deployed file to the saved notebook. */
export interface ISource {
  /** Relative to JupyterLab’s root. */
  notebook: string;
  function: string;
  status: 'same' | 'changed' | 'missing' | 'unknown';
  told: string;
  diff: string;
}

/** A deployment and what belongs to it. */
export class DeploymentModel {
  constructor(
    private readonly _server: Server,
    readonly id: string
  ) {}

  /** Something else is to be shown. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  deployment: IDeployment | null = null;
  flow: IFlow | null = null;
  work_pool: IWorkPool | null = null;
  /** In the order of the deployment's schedules. */
  schedules: readonly ITold[] = [];
  triggers: readonly ITrigger[] = [];
  /** Parameters that are not shown; null: not known yet. */
  secrets: readonly string[] | null = null;
  source: ISource | null = null;
  flow_runs: readonly IFlowRun[] = [];
  total = 0;
  problem: Problem | null = null;

  /** The type that the listed runs' states have; null: any. */
  get state_type(): StateType | null {
    return this._state_type;
  }

  /** Read everything. */
  async follow(): Promise<void> {
    await this._reading.again();
  }

  /** Whether a change is about this deployment. */
  concerns({ deployment_id }: IChange): boolean {
    return deployment_id === this.id;
  }

  private async _read(): Promise<void> {
    try {
      this.deployment = await this._server.get<IDeployment>(`deployments/${this.id}`);
      await Promise.all([this._readAround(this.deployment), this._readRuns(Math.max(this.flow_runs.length, MORE))]);
      this.problem = null;
    } catch (error) {
      this.problem = asProblem(error);
    }
    this._changed.emit();
  }

  /** Nothing goes on between two readings. */
  stop(): void {
    return;
  }

  /** List runs in states of this type alone. */
  async show(state_type: StateType | null): Promise<void> {
    this._state_type = state_type;
    await this._readRuns(MORE);
    this._changed.emit();
  }

  /** List twice as many runs. */
  async more(): Promise<void> {
    await this._readRuns(this.flow_runs.length * 2);
    this._changed.emit();
  }

  private async _readAround(deployment: IDeployment): Promise<void> {
    const { flow_id, schedules, work_pool_name } = deployment;
    const asked = { schedules: schedules.map(({ schedule }) => schedule) };
    [this.flow, this.work_pool, this.schedules, this.triggers, this.source, this.secrets] = await Promise.all([
      this._server.get<IFlow>(`flows/${flow_id}`),
      work_pool_name ? this._server.get<IWorkPool>(`work_pools/${encodeURIComponent(work_pool_name)}`) : null,
      this._server.ask<ITold[]>('schedules/words', asked),
      this._server.ask<ITrigger[]>(`triggers/${this.id}`).catch(() => []), // an older server knows none
      this._server.ask<ISource | null>(`origin/${this.id}`),
      secretsOf(this._server, this.id)
    ]);
  }

  private async _readRuns(count: number): Promise<void> {
    const state = this._state_type
      ? { type: { any_: [this._state_type] } }
      : { type: { not_any_: ['SCHEDULED' satisfies StateType] } };
    const asked = { flow_runs: { deployment_id: { any_: [this.id] }, state } };
    [this.flow_runs, this.total] = await Promise.all([
      inPages(count, page =>
        this._server.post<IFlowRun[]>('flow_runs/filter', { ...asked, sort: 'EXPECTED_START_TIME_DESC', ...page })
      ),
      this._server.post<number>('flow_runs/count', asked)
    ]);
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _reading = new Reading(() => this._read());
  private _state_type: StateType | null = null;
}
