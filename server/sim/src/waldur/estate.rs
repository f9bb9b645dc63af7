//! The company's virtual machines: the same company whose clusters the other systems back up.

pub(crate) mod history;

use std::time::Duration;

use serde_json::Map;

use super::cloud::Cloud;
use super::model::{Fate, Flavor, GIB, Image, Instance, Piece, Project, State, Volume};

const AGE: Duration = Duration::from_secs(400 * 86_400);

/// Name and storage quota in GiB. The caller has no role in `hr`.
const PROJECTS: [(&str, u64); 5] =
    [("shop", 12_000), ("finance", 30_000), ("platform", 6_000), ("data", 9_000), ("hr", 1_000)];

/// Name, cores, RAM and disk in MiB.
const FLAVORS: [(&str, u64, u64, u64); 4] = [
    ("m1.small", 1, 2_048, 20 * GIB),
    ("m1.medium", 2, 4_096, 40 * GIB),
    ("m1.large", 4, 8_192, 80 * GIB),
    ("r1.xlarge", 8, 65_536, 80 * GIB),
];

const IMAGES: [(&str, u64, u64); 2] = [("Ubuntu 24.04", 10 * GIB, 512), ("Debian 12", 10 * GIB, 512)];

/// Project, name, flavour, image, system and data volume in GiB.
const INSTANCES: [(&str, &str, usize, usize, u64, u64); 12] = [
    ("shop", "checkout-api-1", 1, 0, 40, 20),
    ("shop", "checkout-db-1", 2, 0, 20, 200),
    ("shop", "storefront-1", 1, 0, 40, 20),
    ("shop", "orders-db-1", 2, 0, 20, 100),
    ("finance", "payments-gateway-1", 1, 1, 20, 20),
    ("finance", "payments-db-1", 3, 1, 40, 500),
    ("finance", "ledger-db-1", 2, 1, 20, 150),
    ("platform", "identity-keycloak-1", 1, 0, 20, 50),
    ("platform", "build-runner-1", 2, 0, 40, 100),
    ("platform", "mail-relay-1", 0, 1, 20, 20),
    ("data", "analytics-clickhouse-1", 3, 0, 40, 800),
    ("hr", "hr-vault-1", 0, 1, 20, 60),
];

/// Fills a fresh installation: no schedules and no backups yet.
pub(crate) fn furnish(cloud: &mut Cloud) {
    for (name, cores, ram, disk) in FLAVORS {
        let uuid = cloud.draw();
        cloud.flavors.push(Flavor { uuid, name, cores, ram, disk });
    }
    for (name, min_disk, min_ram) in IMAGES {
        let uuid = cloud.draw();
        cloud.images.push(Image { uuid, name, min_disk, min_ram });
    }
    for (index, (name, quota)) in PROJECTS.into_iter().enumerate() {
        project(cloud, index, name, quota * GIB);
    }
    if !cloud.options.bare {
        for row in INSTANCES {
            instance(cloud, row);
        }
    }
}

fn project(cloud: &mut Cloud, index: usize, name: &str, storage_quota: u64) {
    let (uuid, tenant) = (cloud.draw(), cloud.draw());
    let mut piece = |name: String, detail: String| {
        let uuid_of_piece = cloud.draw();
        Piece { uuid: uuid_of_piece, project: uuid.clone(), name, detail, used_by: None }
    };
    let subnet = piece(format!("{name}-internal"), format!("10.{}.0.0/24", 20 + index));
    let groups = ["default", "web", "ssh"].map(|group| piece(group.to_owned(), String::new()));
    let ips = [1, 2].map(|number| piece(format!("198.51.100.{}", 10 * (index + 1) + number), "ACTIVE".to_owned()));
    cloud.subnets.push(subnet);
    cloud.groups.extend(groups);
    cloud.floating.extend(ips);
    let hidden = name == "hr";
    cloud.projects.push(Project { uuid, name: name.to_owned(), tenant, storage_quota, leaked: 0, hidden });
}

fn instance(cloud: &mut Cloud, row: (&str, &str, usize, usize, u64, u64)) {
    let (project, name, flavor, image, system, data) = row;
    let project = cloud.projects.iter().find(|other| other.name == project).map(|p| p.uuid.clone()).unwrap_or_default();
    let uuid = cloud.draw();
    let volumes = [("system", system, true), ("data", data, false)].map(|(word, size, bootable)| Volume {
        uuid: cloud.draw(),
        name: format!("{name}-{word}"),
        size: size * GIB,
        bootable,
    });
    let of = |pieces: &[Piece]| {
        let found = pieces.iter().find(|piece| piece.project == project);
        found.map(|piece| piece.uuid.clone()).into_iter().collect::<Vec<_>>()
    };
    let (state, error) = match name {
        "build-runner-1" => (State::Erred, "Instance build-runner-1 is in ERROR: No valid host was found."),
        _ => (State::Ok, ""),
    };
    let created = cloud.now.checked_sub(AGE).unwrap_or(cloud.now);
    let made = Instance {
        uuid,
        name: name.to_owned(),
        description: String::new(),
        state,
        runtime: if name == "mail-relay-1" { "SHUTOFF" } else { "ACTIVE" },
        flavor: cloud.flavors.get(flavor).map(|flavor| flavor.uuid.clone()).unwrap_or_default(),
        image: IMAGES.get(image).map_or("", |image| image.0),
        volumes: volumes.into(),
        subnets: of(&cloud.subnets),
        groups: of(&cloud.groups),
        error: error.to_owned(),
        created,
        modified: created,
        due: None,
        fate: Fate::Good,
        project,
        extra: Map::new(),
    };
    cloud.instances.push(made);
}
