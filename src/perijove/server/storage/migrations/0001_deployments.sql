-- Flows, deployments, their schedules and runs, logs, and the work pools that runs wait in.
-- Instants are integers: microseconds since 1970-01-01 UTC. Identifiers are 32 hexadecimal digits. Objects are JSON.

CREATE TABLE flows (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL
);

CREATE TABLE work_pools (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    description TEXT,
    base_job_template TEXT NOT NULL,
    is_paused INTEGER NOT NULL,
    concurrency_limit INTEGER,
    storage_configuration TEXT NOT NULL,
    default_queue_id TEXT
);

CREATE TABLE work_queues (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    work_pool_id TEXT NOT NULL REFERENCES work_pools (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    is_paused INTEGER NOT NULL,
    concurrency_limit INTEGER,
    priority INTEGER NOT NULL,
    last_polled INTEGER,
    UNIQUE (work_pool_id, name)
);

CREATE TABLE workers (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    work_pool_id TEXT NOT NULL REFERENCES work_pools (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    last_heartbeat_time INTEGER NOT NULL,
    heartbeat_interval_seconds INTEGER,
    UNIQUE (work_pool_id, name)
);

CREATE TABLE deployments (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    flow_id TEXT NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    version TEXT,
    description TEXT,
    paused INTEGER NOT NULL,
    concurrency_options TEXT,
    job_variables TEXT NOT NULL,
    parameters TEXT NOT NULL,
    parameter_openapi_schema TEXT,
    enforce_parameter_schema INTEGER NOT NULL,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL,
    work_queue_id TEXT REFERENCES work_queues (id) ON DELETE SET NULL,
    path TEXT,
    pull_steps TEXT NOT NULL,
    entrypoint TEXT,
    last_polled INTEGER,
    UNIQUE (flow_id, name)
);

CREATE TABLE deployment_schedules (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deployment_id TEXT NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    schedule TEXT NOT NULL,
    active INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    slug TEXT,
    max_scheduled_runs INTEGER,
    -- What the schedule says, hashed: with an instant it names a slot, whichever row the schedule lives in.
    slot TEXT NOT NULL,
    -- When more runs must be made; null: never again.
    refill_at INTEGER,
    UNIQUE (deployment_id, slug)
);
CREATE INDEX deployment_schedules_refill ON deployment_schedules (refill_at) WHERE refill_at IS NOT NULL;
CREATE INDEX deployment_schedules_deployment ON deployment_schedules (deployment_id);

CREATE TABLE flow_runs (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL,
    flow_id TEXT NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    deployment_id TEXT REFERENCES deployments (id) ON DELETE SET NULL,
    deployment_version TEXT,
    work_queue_id TEXT REFERENCES work_queues (id) ON DELETE SET NULL,
    flow_version TEXT,
    parameters TEXT NOT NULL,
    idempotency_key TEXT,
    context TEXT NOT NULL,
    empirical_policy TEXT NOT NULL,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL,
    parent_task_run_id TEXT,
    state_id TEXT,
    state_type TEXT,
    state_name TEXT,
    state_timestamp INTEGER,
    run_count INTEGER NOT NULL,
    expected_start_time INTEGER,
    next_scheduled_start_time INTEGER,
    start_time INTEGER,
    end_time INTEGER,
    total_run_time INTEGER NOT NULL,
    auto_scheduled INTEGER NOT NULL,
    infrastructure_pid TEXT,
    lease_holder TEXT,
    created_by TEXT,
    job_variables TEXT,
    slot TEXT,
    scheduled_for INTEGER,
    UNIQUE (flow_id, idempotency_key),
    UNIQUE (deployment_id, slot, scheduled_for)
);
CREATE INDEX flow_runs_expected ON flow_runs (expected_start_time);
CREATE INDEX flow_runs_deployment ON flow_runs (deployment_id, expected_start_time);
CREATE INDEX flow_runs_flow ON flow_runs (flow_id, expected_start_time);
CREATE INDEX flow_runs_parent ON flow_runs (parent_task_run_id) WHERE parent_task_run_id IS NOT NULL;
CREATE INDEX flow_runs_due ON flow_runs (work_queue_id, next_scheduled_start_time) WHERE state_type = 'SCHEDULED';
CREATE INDEX flow_runs_late ON flow_runs (next_scheduled_start_time) WHERE state_name = 'Scheduled';
CREATE INDEX flow_runs_due_of_deployment ON flow_runs (deployment_id, next_scheduled_start_time)
    WHERE state_type = 'SCHEDULED';
CREATE INDEX flow_runs_state ON flow_runs (state_type, expected_start_time);
CREATE INDEX flow_runs_leased ON flow_runs (lease_holder) WHERE lease_holder IS NOT NULL;

CREATE TABLE flow_run_states (
    id TEXT NOT NULL PRIMARY KEY,
    flow_run_id TEXT NOT NULL REFERENCES flow_runs (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    message TEXT,
    data TEXT,
    state_details TEXT NOT NULL,
    UNIQUE (flow_run_id, timestamp)
);

CREATE TABLE task_runs (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL,
    flow_run_id TEXT REFERENCES flow_runs (id) ON DELETE CASCADE,
    task_key TEXT NOT NULL,
    dynamic_key TEXT NOT NULL,
    cache_key TEXT,
    cache_expiration INTEGER,
    task_version TEXT,
    empirical_policy TEXT NOT NULL,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL,
    task_inputs TEXT NOT NULL,
    state_id TEXT,
    state_type TEXT,
    state_name TEXT,
    state_timestamp INTEGER,
    run_count INTEGER NOT NULL,
    flow_run_run_count INTEGER NOT NULL,
    expected_start_time INTEGER,
    next_scheduled_start_time INTEGER,
    start_time INTEGER,
    end_time INTEGER,
    total_run_time INTEGER NOT NULL,
    UNIQUE (flow_run_id, task_key, dynamic_key)
);

CREATE TABLE task_run_states (
    id TEXT NOT NULL PRIMARY KEY,
    task_run_id TEXT NOT NULL REFERENCES task_runs (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    message TEXT,
    data TEXT,
    state_details TEXT NOT NULL
);
CREATE INDEX task_run_states_run ON task_run_states (task_run_id, timestamp);

CREATE TABLE logs (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL,
    level INTEGER NOT NULL,
    message TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    flow_run_id TEXT,
    task_run_id TEXT
);
CREATE INDEX logs_flow_run ON logs (flow_run_id, timestamp);
CREATE INDEX logs_task_run ON logs (task_run_id, timestamp) WHERE task_run_id IS NOT NULL;
