//! The collections: what they are called, what they take, and how they may be used.

mod backup;
mod storage;

use super::rule::{Field, NAME, ORG, OWNER, Rule, STATUS, TAGS, field};

#[derive(Debug)]
pub(super) struct Resource {
    pub(super) name: &'static str,
    /// Title of one document in `_links`.
    pub(super) title: &'static str,
    pub(super) fields: &'static [Field],
    /// No two documents have the same name.
    pub(super) unique: bool,
    /// Methods of the collection and of one document.
    pub(super) methods: (&'static [&'static str], &'static [&'static str]),
}

const ALL: (&[&str], &[&str]) =
    (&["GET", "HEAD", "OPTIONS", "POST"], &["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]);
const READ: (&[&str], &[&str]) = (&["GET", "HEAD", "OPTIONS"], &["GET", "HEAD", "OPTIONS"]);
/// Written by agents only: a person's key gets 403 for what isn't listed here.
const POINTS: (&[&str], &[&str]) =
    (&["GET", "HEAD", "OPTIONS", "POST"], &["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]);
const ALERTS: (&[&str], &[&str]) = (&["GET", "HEAD", "OPTIONS", "DELETE"], &["GET", "HEAD", "OPTIONS", "DELETE"]);

pub(super) const RESOURCES: &[Resource] = &[
    Resource { name: "alerts", title: "Alert", fields: ALERT, unique: false, methods: ALERTS },
    Resource { name: "apikeys", title: "Apikey", fields: storage::APIKEY, unique: true, methods: ALL },
    Resource {
        name: "backupinstances",
        title: "Backupinstance",
        fields: backup::POINT,
        unique: false,
        methods: POINTS,
    },
    Resource { name: "jobs", title: "Job", fields: backup::JOB, unique: false, methods: POINTS },
    Resource { name: "kubebackups", title: "Kubebackup", fields: backup::BACKUP, unique: true, methods: ALL },
    Resource { name: "kubeclusters", title: "Kubecluster", fields: CLUSTER, unique: true, methods: ALL },
    Resource { name: "kubehooks", title: "Kubehook", fields: HOOK, unique: true, methods: ALL },
    Resource { name: "kubenamespaces", title: "Kubenamespace", fields: NAMESPACE, unique: false, methods: READ },
    Resource { name: "kubeoffloads", title: "Kubeoffload", fields: backup::OFFLOAD, unique: true, methods: ALL },
    Resource { name: "kubepvclaims", title: "Kubepvclaim", fields: CLAIM, unique: false, methods: READ },
    Resource { name: "kubepvcprogress", title: "Kubepvcprogre", fields: PROGRESS, unique: false, methods: READ },
    Resource { name: "kuberestores", title: "Kuberestore", fields: backup::RESTORE, unique: true, methods: ALL },
    Resource {
        name: "kubestorageclasses",
        title: "Kubestorageclasse",
        fields: STORAGE_CLASS,
        unique: false,
        methods: READ,
    },
    Resource { name: "objectstores", title: "Objectstore", fields: storage::STORE, unique: true, methods: ALL },
    Resource { name: "policies", title: "policy", fields: storage::POLICY, unique: true, methods: ALL },
];

pub(super) fn named(name: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.name == name)
}

impl Resource {
    /// Fields of the top level that hold the id of another document: name and resource.
    pub(super) fn references(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.fields.iter().filter_map(|field| match field.rule {
            Rule::Reference(other) => Some((field.name, other)),
            _ => None,
        })
    }
}

pub(super) const PROVIDER: &[Field] = &[
    field("type", Rule::Text).nullable(),
    field("region", Rule::Text).nullable(),
    field("user_objectstore", Rule::Reference("objectstores")),
];

const CLUSTER: &[Field] = &[
    NAME,
    OWNER,
    ORG,
    TAGS,
    STATUS,
    field("description", Rule::Text),
    field("backup_provider", Rule::Dict(PROVIDER)),
    field("configuration", Rule::Map),
    field("image_pull_secret_name", Rule::Text),
    field("container_registry", Rule::Text),
    field("metrics", Rule::Map).read_only(),
];

const COMMAND: &[Field] = &[field("container", Rule::Text), field("command", Rule::Text)];

const HOOK_ITEM: &[Field] = &[field("labels", Rule::Map).required(), field("target", Rule::List(&Rule::Dict(COMMAND)))];

const HOOK: &[Field] = &[
    NAME,
    OWNER,
    ORG,
    TAGS,
    field("hook_type", Rule::Word(&["PRE_BACKUP", "POST_BACKUP", "POST_RESTORE", "COMMON"]))
        .or(super::rule::Preset::Text("COMMON")),
    field("post_hook", Rule::Reference("kubehooks")),
    field("description", Rule::Text),
    field("hook", Rule::List(&Rule::Dict(HOOK_ITEM))).required(),
];

const ALERT: &[Field] = &[
    NAME,
    OWNER,
    TAGS,
    field("type", Rule::Text).required(),
    field("description", Rule::Text).required(),
    field("job", Rule::Reference("jobs")),
];

const NAMESPACE: &[Field] = &[
    NAME,
    OWNER,
    TAGS,
    field("cluster_id", Rule::Reference("kubeclusters")).required(),
    field("k8s_uid", Rule::Text),
    field("backupinst_id", Rule::Reference("backupinstances")),
];

const CLAIM: &[Field] = &[
    NAME,
    OWNER,
    TAGS,
    field("cluster_id", Rule::Reference("kubeclusters")).required(),
    field("namespace_name", Rule::Text).required(),
    field("backupinst_id", Rule::Reference("backupinstances")),
    field("driver", Rule::Text),
    field("storage_class_name", Rule::Text),
    field("volume_mode", Rule::Text),
    field("phase", Rule::Text),
    field("pv_name", Rule::Text),
    field("allocated_size", Rule::Integer),
    field("k8s_uid", Rule::Text),
];

const STORAGE_CLASS: &[Field] = &[
    NAME,
    OWNER,
    TAGS,
    field("cluster_id", Rule::Reference("kubeclusters")).required(),
    field("provisioner", Rule::Text),
    field("reclaim_policy", Rule::Text),
    field("allow_volume_expansion", Rule::Boolean),
    field("volume_binding_mode", Rule::Text),
    field("labels", Rule::Map),
    field("annotations", Rule::Map),
];

const PROGRESS: &[Field] = &[
    field("name", Rule::Text).required(),
    OWNER,
    TAGS,
    field("namespace", Rule::Text).required(),
    field("job_id", Rule::Reference("jobs")).required(),
    field("state", Rule::Text),
    field("op_type", Rule::Text),
    field("start_time", Rule::Integer),
    field("end_time", Rule::Integer),
    field("message", Rule::Text),
    field("stats", Rule::Map),
    field("snapshot_progress_percentage", Rule::Integer),
];
