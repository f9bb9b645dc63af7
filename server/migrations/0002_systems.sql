-- What systems other than Velero need: orders whose upstream name is known only afterwards, and parts of recovery points that not
-- every system tells.

-- PointDetail as JSON.
ALTER TABLE points ADD COLUMN detail TEXT NOT NULL DEFAULT '{}';

-- The name under which it was ordered, once the upstream has given it another; NULL while `upstream_name` is that name.
ALTER TABLE runs ADD COLUMN order_name TEXT;
ALTER TABLE restores ADD COLUMN order_name TEXT;
-- When it was ordered.
ALTER TABLE runs ADD COLUMN ordered_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE restores ADD COLUMN ordered_at BIGINT NOT NULL DEFAULT 0;

-- How often it was claimed: a second claim may follow a call whose answer nobody recorded.
ALTER TABLE definitions ADD COLUMN claims BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN claims BIGINT NOT NULL DEFAULT 0;
ALTER TABLE restores ADD COLUMN claims BIGINT NOT NULL DEFAULT 0;
ALTER TABLE points ADD COLUMN claims BIGINT NOT NULL DEFAULT 0;

-- What people call it, where the upstream addresses it by something else; and that in lower case, for the text filter.
ALTER TABLE runs ADD COLUMN title TEXT;
ALTER TABLE restores ADD COLUMN title TEXT;
ALTER TABLE runs ADD COLUMN search TEXT NOT NULL DEFAULT '';
ALTER TABLE points ADD COLUMN search TEXT NOT NULL DEFAULT '';

-- `Every day at 02:30 and 2 more`, `policy gold`; NULL where the cron text alone says it.
ALTER TABLE definitions ADD COLUMN rhythm TEXT;
