-- What teams watch, and what is there to be watched.

CREATE TABLE workspaces (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    -- model::workspace::Workspace as JSON.
    body          TEXT NOT NULL,
    version       BIGINT NOT NULL,
    -- Of a workspace that an upstream keeps itself, for which something was set here: where it is kept, and its id there. NULL:
    -- ours, by rules.
    connection_id TEXT REFERENCES connections (id) ON DELETE CASCADE,
    upstream_id   TEXT,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    updated_by    TEXT NOT NULL
);
-- Two upstreams may well have workspaces of one name.
CREATE UNIQUE INDEX workspaces_name ON workspaces (name) WHERE connection_id IS NULL;

CREATE TABLE inventories (
    connection_id      TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    -- The connection's version that it was read with.
    connection_version BIGINT NOT NULL,
    -- model::connection::Inventory as JSON, without kinds and locations.
    body               TEXT NOT NULL,
    read_at            BIGINT NOT NULL,
    -- When a place was first listed, by its key, as JSON; those of the very first reading have no moment.
    first_seen         TEXT NOT NULL DEFAULT '{}'
);
