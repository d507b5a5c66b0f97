-- Automations, and what their triggers have seen so far: it survives the server.

CREATE TABLE automations (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    tags TEXT NOT NULL,
    trigger TEXT NOT NULL,
    actions TEXT NOT NULL,
    actions_on_trigger TEXT NOT NULL,
    actions_on_resolve TEXT NOT NULL,
    owner_resource TEXT,
    -- The last event before it was made, changed or enabled: no earlier one concerns it.
    since INTEGER NOT NULL,
    -- By when its runs that were asked for so far will have been started, at the pace that it may.
    paced_until INTEGER
);
CREATE INDEX automations_owner ON automations (owner_resource) WHERE owner_resource IS NOT NULL;

-- A span of time in which a trigger counts events, one for each value of what it is evaluated for each of.
CREATE TABLE trigger_windows (
    trigger_id TEXT NOT NULL,
    key TEXT NOT NULL,
    automation_id TEXT NOT NULL REFERENCES automations (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    count INTEGER NOT NULL,
    last_event TEXT,
    PRIMARY KEY (trigger_id, key)
);
CREATE INDEX trigger_windows_automation ON trigger_windows (automation_id);

-- Which of its parts a composite trigger has seen fire since it fired itself.
CREATE TABLE trigger_parts (
    parent_id TEXT NOT NULL,
    trigger_id TEXT NOT NULL,
    automation_id TEXT NOT NULL REFERENCES automations (id) ON DELETE CASCADE,
    fired INTEGER NOT NULL,
    PRIMARY KEY (parent_id, trigger_id)
);
CREATE INDEX trigger_parts_automation ON trigger_parts (automation_id);

-- A trigger fires once for an event.
CREATE TABLE trigger_firings (
    trigger_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    fired INTEGER NOT NULL,
    PRIMARY KEY (trigger_id, event_id)
);
CREATE INDEX trigger_firings_fired ON trigger_firings (fired);

-- The one row holds the position of the last event that triggers have seen.
CREATE TABLE trigger_progress (position INTEGER NOT NULL);
INSERT INTO trigger_progress (position) VALUES (0);
