-- What next runs are told by, and why there are none.

-- What the upstream counts the further schedules of a definition from, as JSON in their order; null where it does not say.
ALTER TABLE definitions ADD COLUMN counted_further TEXT NOT NULL DEFAULT '[]';

-- Who paused it and when; paused_upstream: somebody else did so upstream, and paused_by took that over.
ALTER TABLE definitions ADD COLUMN paused_by TEXT;
ALTER TABLE definitions ADD COLUMN paused_at BIGINT;
ALTER TABLE definitions ADD COLUMN paused_upstream BIGINT NOT NULL DEFAULT 0;

-- Of those that are paused already, where the timeline leaves no doubt: nothing was saved since.
UPDATE definitions SET
    paused_by = (SELECT actor FROM timeline t WHERE t.definition_id = definitions.id AND t.kind = 'paused' ORDER BY t.at DESC, t.id DESC LIMIT 1),
    paused_at = (SELECT MAX(t.at) FROM timeline t WHERE t.definition_id = definitions.id AND t.kind = 'paused')
WHERE paused = 1 AND NOT EXISTS (
    SELECT 1 FROM timeline later WHERE later.definition_id = definitions.id AND later.kind IN ('saved', 'resumed', 'adopted')
        AND later.at >= (SELECT MAX(t.at) FROM timeline t WHERE t.definition_id = definitions.id AND t.kind = 'paused'));
