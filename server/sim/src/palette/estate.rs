//! The company as Palette knows it: the same that the other fakes show. The demo's past is not written down but lived:
//! schedules fire and backups end, expire and fail as they would have.

mod demo;
mod fleet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Palette;
use super::ids::uid;
use super::state::{Cluster, Location, Project, Protection, Storage, Workspace};
use crate::scenario::later;

const MAIN: &str = "production";
const DAY: u64 = 86_400;
/// Everything was set up that long ago.
const AGE_DAYS: u64 = 200;

/// The uid of the project that holds nearly everything.
pub(super) fn main_project(scenario: &str) -> String {
    uid(&[scenario, "project", MAIN])
}

/// Name, cloud, running, healthy, roles of its own.
const CLUSTERS: [(&str, &str, &str, bool, bool); 7] = [
    ("prod-eu-1", "aws", "Running", true, false),
    ("prod-eu-2", "aws", "Running", true, false),
    ("edge-zurich-1", "edge-native", "Running", true, false),
    ("edge-geneva-1", "edge-native", "Running", true, false),
    ("edge-basel-1", "edge-native", "Running", false, false),
    ("tools-1", "vsphere", "Running", true, true),
    ("staging-1", "vsphere", "Provisioning", true, false),
];

/// Name, team, clusters, namespaces.
const WORKSPACES: [(&str, &str, &[&str], &[&str]); 6] = [
    ("shop", "shop", &["prod-eu-1", "prod-eu-2"], &["checkout", "checkout-db", "web", "orders"]),
    ("finance", "finance", &["prod-eu-1", "prod-eu-2"], &["payments", "payments-db"]),
    ("identity", "platform", &["prod-eu-1"], &["identity"]),
    ("ledger", "finance", &["prod-eu-2"], &["ledger"]),
    ("stores", "shop", &["edge-zurich-1", "edge-geneva-1", "edge-basel-1"], &["web", "orders"]),
    ("analytics", "data", &["prod-eu-1"], &["analytics"]),
];

/// Fills a fresh tenant.
pub(super) fn furnish(palette: &mut Palette) {
    let by_name = match palette.scenario.as_str() {
        "demo" => "demo",
        name if name.starts_with("demo-") => "demo",
        _ => "plain",
    };
    let estate = palette.options.estate.clone().unwrap_or_else(|| by_name.to_owned());
    project(palette, MAIN);
    match estate.as_str() {
        "bare" => {}
        "fleet" => fleet::furnish(palette),
        "demo" => {
            company(palette);
            demo::live(palette);
        }
        _ => company(palette),
    }
}

/// That long before now.
fn ago(palette: &Palette, seconds: u64) -> Timestamp {
    palette.now.checked_sub(std::time::Duration::from_secs(seconds)).unwrap_or(palette.now)
}

fn project(palette: &mut Palette, name: &str) -> String {
    let created = ago(palette, AGE_DAYS * DAY);
    let uid = uid(&[&palette.scenario, "project", name]);
    palette.tenant.projects.push(Project { uid: uid.clone(), name: name.to_owned(), created });
    uid
}

fn cluster(palette: &mut Palette, project: &str, name: &str, cloud: &str) -> String {
    let uid = uid(&[&palette.scenario, "cluster", name]);
    let cluster = Cluster {
        uid: uid.clone(),
        name: name.to_owned(),
        project: project.to_owned(),
        cloud: cloud.to_owned(),
        created: ago(palette, AGE_DAYS * DAY),
        state: "Running".to_owned(),
        healthy: true,
        own_rbac: false,
        guard: Protection::default(),
    };
    palette.tenant.clusters.insert(uid.clone(), cluster);
    uid
}

fn workspace(
    palette: &mut Palette,
    project: &str,
    name: &str,
    team: &str,
    clusters: Vec<String>,
    names: &[&str],
) -> String {
    let uid = uid(&[&palette.scenario, "workspace", name]);
    let created = ago(palette, AGE_DAYS * DAY - 3600);
    let namespaces = names
        .iter()
        .map(|name| {
            json!({"name": name, "isRegex": false, "image": {"blackListedImages": []},
                "namespaceResourceAllocation": {"defaultResourceAllocation": {"cpuCores": 4, "memoryMiB": 8192}}})
        })
        .collect();
    let workspace = Workspace {
        uid: uid.clone(),
        name: name.to_owned(),
        project: project.to_owned(),
        created,
        modified: later(created, std::time::Duration::from_secs(3600)),
        labels: json!({"team": team}),
        annotations: json!({"description": format!("{name} in every region")}),
        clusters,
        namespaces,
        rbacs: Vec::new(),
        quota: json!({"resourceAllocation": {"cpuCores": 32, "memoryMiB": 65536}}),
        guard: Protection::default(),
    };
    palette.tenant.workspaces.insert(uid.clone(), workspace);
    uid
}

fn location(palette: &mut Palette, project: Option<&str>, name: &str, storage: Storage, config: Value) -> String {
    let uid = uid(&[&palette.scenario, "location", name]);
    let created = ago(palette, AGE_DAYS * DAY);
    let location = Location {
        uid: uid.clone(),
        name: name.to_owned(),
        project: project.map(str::to_owned),
        storage,
        is_default: false,
        created,
        modified: created,
        config,
        trouble: String::new(),
    };
    palette.tenant.locations.insert(uid.clone(), location);
    uid
}

fn bucket(name: &str, url: &str) -> Value {
    json!({"bucketName": name, "region": "eu-central-1", "s3Url": url, "s3ForcePathStyle": true, "useRestic": true,
        "credentials": {"credentialType": "secret", "accessKey": "company-backup-writer", "secretKey": "not-a-secret",
            "partition": "aws"}})
}

/// Clusters, workspaces and locations; nothing is protected.
fn company(palette: &mut Palette) {
    let main = main_project(&palette.scenario);
    for (name, cloud, state, healthy, own_rbac) in CLUSTERS {
        let uid = cluster(palette, &main, name, cloud);
        if let Some(cluster) = palette.tenant.clusters.get_mut(&uid) {
            state.clone_into(&mut cluster.state);
            cluster.healthy = healthy;
            cluster.own_rbac = own_rbac;
        }
    }
    for (name, team, clusters, namespaces) in WORKSPACES {
        let clusters = clusters.iter().map(|name| uid(&[&palette.scenario, "cluster", name])).collect();
        workspace(palette, &main, name, team, clusters, namespaces);
    }
    let sandbox = project(palette, "sandbox");
    let lab = cluster(palette, &sandbox, "lab-1", "vsphere");
    workspace(palette, &sandbox, "scratch", "data", vec![lab], &["scratch"]);

    let first = location(palette, None, "eu-s3", Storage::S3, bucket("company-backups", ""));
    if let Some(location) = palette.tenant.locations.get_mut(&first) {
        location.is_default = true;
    }
    location(palette, Some(&main), "onprem-minio", Storage::Minio, bucket("palette", "http://minio.objects:9000"));
    let azure = json!({"resourceGroup": "backups", "containerName": "archive", "storageName": "companyarchive",
        "sku": "Standard_LRS", "credentials": {"tenantId": "3f2d8f0e-0000-4000-8000-000000000001",
            "clientId": "3f2d8f0e-0000-4000-8000-000000000002", "clientSecret": "not-a-secret",
            "subscriptionId": "3f2d8f0e-0000-4000-8000-000000000003", "clientCloud": "public"}});
    location(palette, Some(&main), "archive-azure", Storage::Azure, azure);
    let google = json!({"bucketName": "company-dr", "projectId": "company-dr",
        "credentials": {"jsonCredentials": "{\"type\":\"service_account\"}"}});
    location(palette, Some(&main), "gcs-dr", Storage::Gcp, google);
}
