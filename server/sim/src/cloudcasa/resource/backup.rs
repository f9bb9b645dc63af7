//! Definitions, copies, restores, and what they leave behind.

use super::PROVIDER;
use crate::cloudcasa::rule::{Field, NAME, ORG, OWNER, Preset, Rule, STATUS, TAGS, field};

const TRIGGER: Field = field("trigger_type", Rule::Word(&["SCHEDULED", "ADHOC"])).or(Preset::Text("SCHEDULED"));
const PAUSE: Field = field("pause", Rule::Boolean).or(Preset::Truth(false));
const NAMES: Rule = Rule::List(&Rule::Text);

const HOOKS: &[Field] = &[
    field("namespaces", NAMES),
    field("hooks", Rule::List(&Rule::Reference("kubehooks"))).or(Preset::Empty),
    field("template", Rule::Boolean).or(Preset::Truth(false)),
];

const SOURCE: &[Field] = &[
    field("all_namespaces", Rule::Boolean).or(Preset::Truth(false)),
    field("namespaces", NAMES),
    field("label_selector", Rule::Map),
    field("snapshotPersistentVolumes", Rule::Boolean).or(Preset::Truth(true)),
    field("snapshot_longhorn", Rule::Boolean).or(Preset::Truth(true)),
    field("included_resources", NAMES),
    field("excluded_namespaces", NAMES),
    field("include_unattached_pvcs", Rule::Boolean),
    field("csi_snapshot_timeout", Rule::Integer),
];

const VELERO: &[Field] = &[
    field("fs_backup", Rule::Boolean),
    field("storage_location", Rule::Text),
    field("volume_snapshot_locations", NAMES),
    field("retention_days", Rule::Integer),
];

pub(super) const BACKUP: &[Field] = &[
    NAME,
    OWNER,
    ORG,
    TAGS,
    STATUS,
    TRIGGER,
    field("cluster", Rule::Reference("kubeclusters")).required(),
    field("policy", Rule::Reference("policies")),
    field("source", Rule::Dict(SOURCE)).required(),
    field("pre_hooks", Rule::List(&Rule::Dict(HOOKS))),
    field("post_hooks", Rule::List(&Rule::Dict(HOOKS))),
    PAUSE,
    field("copydef", Rule::Reference("kubeoffloads")),
    field("copy_policy", Rule::Reference("policies")),
    field("velero", Rule::Dict(VELERO)),
    field("velero_k8s_uid", Rule::Text),
    field("migrationdef", Rule::ObjectId),
];

const OPTIONS: &[Field] = &[
    field("report_interval", Rule::Text),
    field("upload_speed_limit", Rule::Integer),
    field("download_speed_limit", Rule::Integer),
    field("pvc_file_parallelism", Rule::Integer),
    field("pvc_parallelism", Rule::Integer),
    field("mover_ready_timeout", Rule::Text),
    field("max_mover_pvcs", Rule::Integer),
    field("total_file_parallelism", Rule::Integer),
    field("mover_memory_limit", Rule::Text),
    field("preserve_node_ports", Rule::Boolean),
    field("azure_files_restore_options", Rule::Map),
];

pub(super) const OFFLOAD: &[Field] = &[
    NAME,
    OWNER,
    ORG,
    TAGS,
    STATUS,
    TRIGGER,
    field("backup_inst", Rule::Reference("backupinstances")),
    field("backupdef", Rule::Reference("kubebackups")),
    field("policy", Rule::Reference("policies")),
    field("delete_snapshots", Rule::Boolean).or(Preset::Truth(true)),
    field("run_backup", Rule::Boolean).or(Preset::Truth(false)),
    field("offload_provider", Rule::Dict(PROVIDER)),
    field("options", Rule::Dict(OPTIONS)),
    field("cluster", Rule::Reference("kubeclusters")),
    PAUSE,
    field("skip_live_copy", Rule::Boolean).or(Preset::Truth(false)),
    field("snapshot_longhorn", Rule::Boolean).or(Preset::Truth(true)),
];

const SELECTION: &[Field] = &[
    field("all_namespaces", Rule::Boolean).or(Preset::Truth(false)),
    field("namespaces", NAMES),
    field("label_selector", Rule::Map),
    field("restorePersistentVolumes", Rule::Boolean).or(Preset::Truth(true)),
    field("include_resource_types", NAMES),
];

pub(super) const RESTORE: &[Field] = &[
    NAME,
    OWNER,
    ORG,
    TAGS,
    STATUS,
    field("backup_inst", Rule::Reference("backupinstances")).required(),
    field("cluster", Rule::Reference("kubeclusters")),
    field("source_cluster", Rule::Reference("kubeclusters")),
    field("selection", Rule::Dict(SELECTION)).required(),
    field("pre_hooks", Rule::List(&Rule::Dict(HOOKS))),
    field("post_hooks", Rule::List(&Rule::Dict(HOOKS))),
    field("namespaces_prefix", Rule::Text),
    field("namespaces_suffix", Rule::Text),
    field("namespaces_map", Rule::Map),
    field("storage_class_map", Rule::Map),
    field("options", Rule::Dict(OPTIONS)),
    field("awseks", Rule::Map),
    field("azure_aks", Rule::Map),
];

pub(super) const JOB: &[Field] = &[
    NAME,
    OWNER,
    TAGS,
    field("cluster", Rule::Reference("kubeclusters")),
    field("backupdef", Rule::Reference("kubebackups")),
    field("offloaddef", Rule::Reference("kubeoffloads")),
    field("restoredef", Rule::Reference("kuberestores")),
    field("backup_inst", Rule::Reference("backupinstances")),
    field("offload_backup_inst", Rule::Reference("backupinstances")),
    field("policy_id", Rule::Reference("policies")),
];

const RETENTION: &[Field] =
    &[field("retainDays", Rule::Within(0, i64::MAX)).required(), field("numAlwaysRetain", Rule::Within(0, 30))];

/// A person may change the retention and nothing else.
pub(super) const POINT: &[Field] = &[
    NAME,
    OWNER,
    TAGS,
    STATUS,
    field("retention", Rule::Dict(RETENTION)),
    field("cluster", Rule::Reference("kubeclusters")).read_only(),
    field("backupdef", Rule::Reference("kubebackups")).read_only(),
    field("offload_def", Rule::Reference("kubeoffloads")).read_only(),
    field("source_backupinst", Rule::Reference("backupinstances")).read_only(),
    field("objectstore", Rule::Reference("objectstores")).read_only(),
    field("state", Rule::Text).read_only(),
    field("type", Rule::Text).read_only(),
    field("source_type", Rule::Text).read_only(),
    field("cluster_name", Rule::Text).read_only(),
    field("backupdef_name", Rule::Text).read_only(),
    field("start_time", Rule::Integer).read_only(),
    field("end_time", Rule::Integer).read_only(),
    field("expiry_timestamp", Rule::Integer).read_only(),
    field("backup_location", Rule::Map).read_only(),
];
