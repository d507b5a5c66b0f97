-- What happened, in the order in which it was recorded, and the resources that it happened to.

CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    occurred INTEGER NOT NULL,
    received INTEGER NOT NULL,
    event TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    related TEXT NOT NULL,
    payload TEXT NOT NULL,
    follows TEXT,
    -- How many automations stand behind it, one having set off the next; 0: none.
    depth INTEGER NOT NULL
);
CREATE INDEX events_occurred ON events (occurred);

-- In one tree, and with no reference: every change of a run's state adds a handful of these.
CREATE TABLE event_resources (
    resource_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    -- Empty for the resource that the event happened to.
    role TEXT NOT NULL,
    PRIMARY KEY (resource_id, position, role)
) WITHOUT ROWID;
