-- Policies of the library: how often and how long, under a name, for many definitions.

CREATE TABLE policies (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    -- policy::Policy as JSON.
    body       TEXT NOT NULL,
    version    BIGINT NOT NULL,
    -- When a definition last began to follow it; 0: none ever did.
    used_at    BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);

-- The policy that a definition follows. The definition's body holds what the policy gave, so that nothing else needs to know. A policy
-- that is followed can't be deleted.
ALTER TABLE definitions ADD COLUMN policy_id TEXT REFERENCES policies (id);
-- Its version that the body holds.
ALTER TABLE definitions ADD COLUMN policy_version BIGINT NOT NULL DEFAULT 0;
-- Its newest version that was looked at: above policy_version when that one was refused.
ALTER TABLE definitions ADD COLUMN policy_tried BIGINT NOT NULL DEFAULT 0;
-- Why that one was refused: Vec<String> as JSON; '[]' when it was not.
ALTER TABLE definitions ADD COLUMN policy_refused TEXT NOT NULL DEFAULT '[]';
CREATE INDEX definitions_policy ON definitions (policy_id, policy_tried);
