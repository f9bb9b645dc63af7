-- One text for SQLite and PostgreSQL: TEXT and BIGINT columns only, times in milliseconds since 1970 UTC,
-- booleans 0 and 1, bodies as JSON text. Rows that the reconciler works on carry the same lease columns.
-- `search` columns hold what the text filter looks through, in lower case: the two engines' LIKE differ in case.
-- Columns that repeat a part of a body are there so that lists parse no JSON.

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
-- Updated to take its row lock, where a rule spans several rows of users ("one administrator stays").
INSERT INTO settings (key, value) VALUES ('lock:users', '');

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    -- 1: the password was set by somebody else and must be changed.
    must_change   BIGINT NOT NULL DEFAULT 0,
    disabled      BIGINT NOT NULL DEFAULT 0,
    zone          TEXT NOT NULL DEFAULT 'UTC',
    created_at    BIGINT NOT NULL,
    last_sign_in  BIGINT
);

CREATE TABLE sessions (
    id          TEXT PRIMARY KEY,
    user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash  TEXT NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL,
    last_used   BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    browser     TEXT NOT NULL,
    address     TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Failed sign-ins, by account and by address; a row is dropped when its window is over.
CREATE TABLE throttles (
    key          TEXT PRIMARY KEY,
    failures     BIGINT NOT NULL,
    window_ends  BIGINT NOT NULL,
    blocked_till BIGINT NOT NULL
);

CREATE TABLE connections (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    search        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    settings      TEXT NOT NULL,
    -- Sealed with the id as associated data.
    secret        TEXT NOT NULL,
    version       BIGINT NOT NULL,
    health        TEXT NOT NULL,
    silent        BIGINT NOT NULL DEFAULT 0,
    upstream_version TEXT,
    platform      TEXT,
    latency_ms    BIGINT,
    last_seen     BIGINT,
    locations     TEXT NOT NULL DEFAULT '[]',
    -- Which node observes it, and till when.
    lease_owner   TEXT,
    lease_until   BIGINT NOT NULL DEFAULT 0,
    -- Raised by "try now".
    nudge         BIGINT NOT NULL DEFAULT 0,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

CREATE TABLE definitions (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    search          TEXT NOT NULL,
    connection_id   TEXT NOT NULL REFERENCES connections (id),
    upstream_name   TEXT NOT NULL,
    body            TEXT NOT NULL,
    scope_words     TEXT NOT NULL,
    cron            TEXT,
    zone            TEXT,
    paused          BIGINT NOT NULL DEFAULT 0,
    version         BIGINT NOT NULL,
    applied_version BIGINT NOT NULL DEFAULT 0,
    -- provider::Applied as JSON; the last thing that was written upstream.
    applied         TEXT,
    -- Vec<Drift> as JSON; '[]' when none.
    drift           TEXT NOT NULL DEFAULT '[]',
    -- The upstream's object as last seen (DeclaredSeen), NULL when there is none.
    seen            TEXT,
    -- Why the upstream refuses to run it: Vec<String> as JSON, a part of `seen`; '[]' when it doesn't.
    invalid         TEXT NOT NULL DEFAULT '[]',
    -- What the upstream counts the next run from.
    counted_from    BIGINT,
    seen_missing    BIGINT NOT NULL DEFAULT 0,
    -- How the next apply resumes: a view::Resume as JSON, NULL when it doesn't matter.
    resume          TEXT,
    -- 1: to be removed upstream, then here.
    removing        BIGINT NOT NULL DEFAULT 0,
    -- Newest whole recovery point that has not expired, and newest run, kept here for the list. 0: none, so that both engines sort it first.
    newest_good     BIGINT NOT NULL DEFAULT 0,
    -- When that recovery point expires; NULL: never, or there is none.
    good_until      BIGINT,
    last_run_at     BIGINT NOT NULL DEFAULT 0,
    last_run_id     TEXT,
    last_run_phase  TEXT,
    last_run_raw    TEXT,
    last_run_done   BIGINT,
    last_run_total  BIGINT,
    lease_owner     TEXT,
    lease_until     BIGINT NOT NULL DEFAULT 0,
    attempts        BIGINT NOT NULL DEFAULT 0,
    next_attempt_at BIGINT NOT NULL DEFAULT 0,
    last_error      TEXT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    updated_by      TEXT NOT NULL
);
CREATE INDEX definitions_connection ON definitions (connection_id, upstream_name);
CREATE INDEX definitions_lease ON definitions (connection_id, lease_until);
CREATE INDEX definitions_newest ON definitions (newest_good, id);
CREATE INDEX definitions_good_until ON definitions (good_until);
CREATE INDEX definitions_last_run ON definitions (last_run_at, id);

CREATE TABLE timeline (
    id            TEXT PRIMARY KEY,
    definition_id TEXT NOT NULL,
    at            BIGINT NOT NULL,
    kind          TEXT NOT NULL,
    sentence      TEXT NOT NULL,
    actor         TEXT
);
CREATE INDEX timeline_definition ON timeline (definition_id, at, id);

CREATE TABLE runs (
    id            TEXT PRIMARY KEY,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    upstream_name TEXT NOT NULL,
    definition_id TEXT,
    phase         TEXT NOT NULL,
    raw_phase     TEXT NOT NULL,
    run_trigger   TEXT NOT NULL,
    created_at    BIGINT,
    started_at    BIGINT,
    ended_at      BIGINT,
    -- What lists sort by: started, else created, else first seen.
    sort_at       BIGINT NOT NULL,
    items_done    BIGINT,
    items_total   BIGINT,
    bytes_done    BIGINT,
    bytes_total   BIGINT,
    warnings      BIGINT,
    errors        BIGINT,
    message       TEXT,
    location      TEXT,
    -- RunDetail in full, as JSON.
    detail        TEXT NOT NULL,
    -- Of everything that was observed: an equal one is not written again.
    fingerprint   TEXT NOT NULL DEFAULT '',
    observed_at   BIGINT NOT NULL,
    gone          BIGINT NOT NULL DEFAULT 0,
    -- 1: asked for through Holdfast and not yet upstream.
    wanted        BIGINT NOT NULL DEFAULT 0,
    -- The definition's version that it was asked for at: it begins when that one is in force.
    wanted_version BIGINT NOT NULL DEFAULT 0,
    asked_by      TEXT,
    lease_owner   TEXT,
    lease_until   BIGINT NOT NULL DEFAULT 0,
    attempts      BIGINT NOT NULL DEFAULT 0,
    next_attempt_at BIGINT NOT NULL DEFAULT 0,
    last_error    TEXT,
    UNIQUE (connection_id, upstream_name)
);
CREATE INDEX runs_sort ON runs (sort_at, id);
CREATE INDEX runs_definition ON runs (definition_id, sort_at, id);
CREATE INDEX runs_phase ON runs (phase, sort_at, id);
CREATE INDEX runs_connection ON runs (connection_id, sort_at, id);
CREATE INDEX runs_lease ON runs (connection_id, lease_until);
CREATE INDEX runs_wanted ON runs (wanted, next_attempt_at);

CREATE TABLE points (
    id            TEXT PRIMARY KEY,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    upstream_name TEXT NOT NULL,
    definition_id TEXT,
    -- The upstream name of the run that made it; joined, because either may be seen first.
    run_name      TEXT,
    state         TEXT NOT NULL,
    raw_state     TEXT NOT NULL,
    taken_at      BIGINT,
    expires_at    BIGINT,
    -- Taken, else first seen.
    sort_at       BIGINT NOT NULL,
    location      TEXT,
    namespaces    TEXT NOT NULL DEFAULT '[]',
    items         BIGINT,
    fingerprint   TEXT NOT NULL DEFAULT '',
    observed_at   BIGINT NOT NULL,
    -- 1: its deletion was asked for through Holdfast and is not yet asked upstream.
    wanted        BIGINT NOT NULL DEFAULT 0,
    asked_by      TEXT,
    asked_at      BIGINT,
    -- Of the deletion, new with each order: the name of the request upstream is made of it.
    order_id      TEXT,
    -- The upstream's refusal of the deletion.
    refusal       TEXT,
    lease_owner   TEXT,
    lease_until   BIGINT NOT NULL DEFAULT 0,
    attempts      BIGINT NOT NULL DEFAULT 0,
    next_attempt_at BIGINT NOT NULL DEFAULT 0,
    last_error    TEXT,
    UNIQUE (connection_id, upstream_name)
);
CREATE INDEX points_sort ON points (sort_at, id);
CREATE INDEX points_definition ON points (definition_id, state, sort_at);
CREATE INDEX points_connection ON points (connection_id, sort_at, id);
CREATE INDEX points_run ON points (connection_id, run_name);
CREATE INDEX points_lease ON points (connection_id, lease_until);
CREATE INDEX points_wanted ON points (wanted, next_attempt_at);

CREATE TABLE restores (
    id            TEXT PRIMARY KEY,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    upstream_name TEXT NOT NULL,
    -- Upstream name of the recovery point; joined, because the point may go.
    point_name    TEXT NOT NULL,
    phase         TEXT NOT NULL,
    raw_phase     TEXT NOT NULL,
    created_at    BIGINT,
    started_at    BIGINT,
    ended_at      BIGINT,
    sort_at       BIGINT NOT NULL,
    -- RestoreOrder as JSON, when it was asked for through Holdfast.
    wanted_order  TEXT,
    mapping       TEXT NOT NULL DEFAULT '[]',
    items_done    BIGINT,
    items_total   BIGINT,
    warnings      BIGINT,
    errors        BIGINT,
    message       TEXT,
    detail        TEXT NOT NULL,
    fingerprint   TEXT NOT NULL DEFAULT '',
    observed_at   BIGINT NOT NULL,
    gone          BIGINT NOT NULL DEFAULT 0,
    wanted        BIGINT NOT NULL DEFAULT 0,
    asked_by      TEXT,
    lease_owner   TEXT,
    lease_until   BIGINT NOT NULL DEFAULT 0,
    attempts      BIGINT NOT NULL DEFAULT 0,
    next_attempt_at BIGINT NOT NULL DEFAULT 0,
    last_error    TEXT,
    UNIQUE (connection_id, upstream_name)
);
CREATE INDEX restores_sort ON restores (sort_at, id);
CREATE INDEX restores_lease ON restores (connection_id, lease_until);
CREATE INDEX restores_wanted ON restores (wanted, next_attempt_at);

CREATE TABLE audit (
    id         TEXT PRIMARY KEY,
    at         BIGINT NOT NULL,
    actor      TEXT NOT NULL,
    address    TEXT NOT NULL,
    action     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at, id);

-- What changed, for the other nodes' event streams. Old rows are dropped.
CREATE TABLE changes (
    id    TEXT PRIMARY KEY,
    at    BIGINT NOT NULL,
    node  TEXT NOT NULL,
    topic TEXT NOT NULL
);
CREATE INDEX changes_at ON changes (at, id);
