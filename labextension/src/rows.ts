// What the panel shows, by the names of the Jupyter Server extension's `rows`.

import type { ISaid } from './scheduleWords';
import type { StateType } from './wire';

/** A schedule of a deployment. */
export interface IRowSchedule extends ISaid {
  active: boolean;
}

/** A deployment as the panel shows it. */
export interface IRow {
  id: string;
  name: string;
  flow_name: string;
  paused: boolean;
  tags: string[];
  work_pool_name: string | null;
  status: 'READY' | 'NOT_READY' | null;
  schedules: IRowSchedule[];
  next_run: string | null;
}

/** Where a page begins. */
export interface ICursor {
  flow: number;
  deployment: number;
}

export type RowStatus = 'active' | 'paused' | 'running' | 'failed';

/** Which deployments are asked for. */
export interface IRowFilter {
  search: string;
  tags: string[];
  work_pools: string[];
  status: RowStatus | null;
}

export interface IPage {
  rows: IRow[];
  next: ICursor | null;
  total: number;
}

export interface ILatestRun {
  id: string;
  name: string;
  state_type: StateType | null;
  state_name: string | null;
  expected_start_time: string | null;
  start_time: string | null;
  end_time: string | null;
  /** Seconds. */
  total_run_time: number;
}

/** The latest runs of a deployment, the oldest first, and when the next one is to begin. */
export interface IStrip {
  flow_runs: ILatestRun[];
  next_run: string | null;
}

/** The filter that asks nothing. */
export const EVERYTHING: IRowFilter = { search: '', tags: [], work_pools: [], status: null };

/** Whether a filter asks for less than everything. */
export function isFiltering(filter: IRowFilter): boolean {
  return Boolean(filter.search || filter.tags.length || filter.work_pools.length || filter.status);
}
