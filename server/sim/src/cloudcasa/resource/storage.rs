//! Policies, object stores and keys.

use crate::cloudcasa::rule::{Field, NAME, ORG, OWNER, Preset, Rule, STATUS, TAGS, field};

const CRON: &[Field] = &[
    field("minute", Rule::Text),
    field("hour", Rule::Text),
    field("dayOfMonth", Rule::Text),
    field("month", Rule::Text),
    field("dayOfWeek", Rule::Text),
    field("cronSpec", Rule::Text),
];

const SCHEDULE: &[Field] = &[
    field("retainDays", Rule::Within(1, i64::MAX)).required().or(Preset::Number(7)),
    field("numAlwaysRetain", Rule::Within(0, 30)).or(Preset::Number(0)),
    field("locked", Rule::Boolean).or(Preset::Truth(false)),
    field("schedule", Rule::Dict(CRON)).required(),
];

pub(super) const POLICY: &[Field] = &[
    NAME,
    OWNER,
    ORG,
    TAGS,
    STATUS,
    field("timezone", Rule::Text).or(Preset::Text("UTC")),
    field("schedules", Rule::List(&Rule::Dict(SCHEDULE))).required(),
];

const CREDENTIALS: &[Field] = &[field("access_key", Rule::Text), field("secret_key", Rule::Text)];

const PROVIDER: &[Field] = &[
    field("endpoint", Rule::Text),
    field("credentials", Rule::Dict(CREDENTIALS)),
    field("subscription_id", Rule::Text),
    field("tenant_id", Rule::Text),
    field("client_id", Rule::Text),
    field("client_secret", Rule::Text),
    field("cloud", Rule::Text),
    field("resource_group_name", Rule::Text),
    field("storage_account_name", Rule::Text),
];

pub(super) const STORE: &[Field] = &[
    NAME,
    OWNER,
    ORG,
    TAGS,
    field("provider_type", Rule::Word(&["aws", "azure"])).or(Preset::Text("aws")),
    field("s3provider", Rule::Dict(PROVIDER)),
    field("cloud", Rule::Text),
    field("resource_group_name", Rule::Text),
    field("storage_account_name", Rule::Text),
    field("repo_password", Rule::Text),
    field("account_id", Rule::Text),
    field("bucket_name", Rule::Text),
    field("region", Rule::Text),
    field("prefix", Rule::Text),
    field("locked", Rule::Boolean).or(Preset::Truth(false)),
    field("private", Rule::Boolean).or(Preset::Truth(false)),
    field("skip_tls_certificate_validation", Rule::Boolean).or(Preset::Truth(false)),
    field("proxy_cluster_list", Rule::List(&Rule::Reference("kubeclusters"))),
    field("validate_state", Rule::Word(&["VALIDATING", "READY", "FAILED"])).read_only(),
    field("validate_message", Rule::Text).read_only(),
];

pub(super) const APIKEY: &[Field] = &[
    NAME,
    OWNER,
    ORG,
    TAGS,
    field("description", Rule::Text),
    field("snippet", Rule::Text).read_only(),
    field("org_role", Rule::Word(&["USER", "ADMIN"])).or(Preset::Text("USER")),
    field("acls", Rule::List(&Rule::Map)).or(Preset::Empty),
];
