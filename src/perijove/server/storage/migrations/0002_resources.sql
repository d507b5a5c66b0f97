-- What deployments, runs and templates use beside themselves: variables, artifacts, inputs, limits of concurrency, blocks.

CREATE TABLE variables (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    value TEXT,
    tags TEXT NOT NULL
);

CREATE TABLE artifacts (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    key TEXT,
    type TEXT,
    description TEXT,
    data TEXT,
    metadata_ TEXT,
    flow_run_id TEXT,
    task_run_id TEXT
);
CREATE INDEX artifacts_key ON artifacts (key, created) WHERE key IS NOT NULL;
CREATE INDEX artifacts_flow_run ON artifacts (flow_run_id) WHERE flow_run_id IS NOT NULL;
CREATE INDEX artifacts_task_run ON artifacts (task_run_id) WHERE task_run_id IS NOT NULL;
CREATE INDEX artifacts_created ON artifacts (created);

CREATE TABLE flow_run_inputs (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    flow_run_id TEXT NOT NULL REFERENCES flow_runs (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    sender TEXT,
    UNIQUE (flow_run_id, key)
);

CREATE TABLE concurrency_limits (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    "limit" INTEGER NOT NULL,
    active INTEGER NOT NULL,
    -- Slots that were taken without a lease, as of slots_at; since then some may have come back by decay.
    active_slots REAL NOT NULL,
    slots_at INTEGER NOT NULL,
    denied_slots INTEGER NOT NULL,
    slot_decay_per_second REAL NOT NULL,
    avg_slot_occupancy_seconds REAL NOT NULL
);

CREATE TABLE concurrency_leases (
    id TEXT NOT NULL,
    limit_id TEXT NOT NULL REFERENCES concurrency_limits (id) ON DELETE CASCADE,
    slots INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    holder_id TEXT,
    PRIMARY KEY (id, limit_id)
);
CREATE INDEX concurrency_leases_limit ON concurrency_leases (limit_id, expires_at);

CREATE TABLE block_types (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    logo_url TEXT,
    documentation_url TEXT,
    description TEXT,
    code_example TEXT,
    is_protected INTEGER NOT NULL
);

CREATE TABLE block_schemas (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    fields TEXT NOT NULL,
    block_type_id TEXT NOT NULL REFERENCES block_types (id) ON DELETE CASCADE,
    capabilities TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (checksum, version)
);

CREATE TABLE block_documents (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT,
    data TEXT NOT NULL,
    block_schema_id TEXT NOT NULL REFERENCES block_schemas (id) ON DELETE CASCADE,
    block_type_id TEXT NOT NULL REFERENCES block_types (id) ON DELETE CASCADE,
    is_anonymous INTEGER NOT NULL,
    UNIQUE (block_type_id, name)
);

ALTER TABLE deployments ADD COLUMN concurrency_limit_id TEXT REFERENCES concurrency_limits (id) ON DELETE SET NULL;
CREATE INDEX deployments_limit ON deployments (concurrency_limit_id) WHERE concurrency_limit_id IS NOT NULL;

-- What becomes of the instants that passed while no server ran, and of one that comes while the run before it goes on.
ALTER TABLE deployment_schedules ADD COLUMN catchup TEXT NOT NULL DEFAULT 'latest';
ALTER TABLE deployment_schedules ADD COLUMN overlap TEXT NOT NULL DEFAULT 'allow';

CREATE INDEX flow_runs_began ON flow_runs (coalesce(start_time, expected_start_time));
CREATE INDEX flow_runs_ended ON flow_runs (end_time);
CREATE INDEX flow_runs_active ON flow_runs (deployment_id, state_type)
    WHERE state_type IN ('PENDING', 'RUNNING', 'CANCELLING');
CREATE INDEX flow_runs_awaiting_slots ON flow_runs (expected_start_time) WHERE state_name = 'AwaitingConcurrencySlot';
