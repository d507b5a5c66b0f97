// What the server says and is told, by the names of the wire (Prefect's REST API), as far as the sidebar uses it.

/** The types of a run's states; a state's name is free text, its type is not. */
export type StateType =
  'SCHEDULED' | 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'CRASHED' | 'PAUSED' | 'CANCELLING';

/** A value of JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** An object of JSON. */
export type JsonObject = { [key: string]: Json };

export interface ICronSchedule {
  cron: string;
  timezone?: string | null;
  day_or?: boolean;
}

export interface IIntervalSchedule {
  /** Seconds. */
  interval: number;
  anchor_date?: string | null;
  timezone?: string | null;
}

export interface IRRuleSchedule {
  rrule: string;
  timezone?: string | null;
}

export type Schedule = ICronSchedule | IIntervalSchedule | IRRuleSchedule;

/** What becomes of instants that passed while no server ran. Perijove’s own: another server says nothing of it. */
export type Catchup = 'latest' | 'all' | 'none';

/** What becomes of a run whose predecessor of the same schedule goes on. Perijove’s own, too. */
export type Overlap = 'allow' | 'skip' | 'queue';

export interface IDeploymentSchedule {
  id: string;
  schedule: Schedule;
  active: boolean;
  parameters: JsonObject;
  slug: string | null;
  catchup?: Catchup;
  overlap?: Overlap;
}

export interface IDeployment {
  id: string;
  created: string;
  updated: string;
  name: string;
  flow_id: string;
  version: string | null;
  description: string | null;
  paused: boolean;
  schedules: IDeploymentSchedule[];
  job_variables: JsonObject;
  parameters: JsonObject;
  tags: string[];
  work_queue_name: string | null;
  work_pool_name: string | null;
  parameter_openapi_schema: JsonObject | null;
  pull_steps: JsonObject[] | null;
  entrypoint: string | null;
  status: 'READY' | 'NOT_READY' | null;
  enforce_parameter_schema: boolean;
}

export interface IFlow {
  id: string;
  name: string;
}

export interface IState {
  id: string;
  type: StateType;
  name: string;
  timestamp: string;
  message: string | null;
}

export interface IFlowRun {
  id: string;
  name: string;
  flow_id: string;
  deployment_id: string | null;
  deployment_version: string | null;
  parameters: JsonObject;
  tags: string[];
  work_pool_name: string | null;
  parent_task_run_id: string | null;
  state_id: string | null;
  state_type: StateType | null;
  state_name: string | null;
  state: IState | null;
  run_count: number;
  expected_start_time: string | null;
  start_time: string | null;
  end_time: string | null;
  /** Seconds. */
  total_run_time: number;
  auto_scheduled: boolean;
}

export interface ITaskRun {
  id: string;
  name: string;
  flow_run_id: string | null;
  state_type: StateType | null;
  state_name: string | null;
  start_time: string | null;
  end_time: string | null;
  total_run_time: number;
  run_count: number;
}

export interface IArtifact {
  id: string;
  key: string | null;
  type: string | null;
  description: string | null;
  data: Json;
}

export interface ILog {
  id: string;
  /** The number of Python's logging: 20 is INFO. */
  level: number;
  name: string;
  message: string;
  timestamp: string;
}

export interface IWorkPool {
  name: string;
  type: string;
  is_paused: boolean;
  status: 'READY' | 'NOT_READY' | 'PAUSED' | null;
}

/** The server's verdict on a proposed state. */
export interface IOrchestrationResult {
  state: IState | null;
  status: 'ACCEPT' | 'REJECT' | 'ABORT' | 'WAIT';
  details: { reason?: string | null };
}
