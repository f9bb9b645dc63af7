//! A large tenant: for measuring whether a console can look at all of it within the limits of requests.

use super::{DAY, ago, bucket, cluster, location, main_project, workspace};
use crate::palette::Palette;
use crate::palette::config::{Config, Plan};
use crate::palette::state::{Owner, Storage};
use crate::rest::System;

/// Every workspace spans every cluster and has been backed up daily, each at a minute of its own.
pub(super) fn furnish(palette: &mut Palette) {
    let fleet = palette.options.fleet;
    let main = main_project(&palette.scenario);
    let store = location(palette, None, "eu-s3", Storage::S3, bucket("company-backups", ""));
    let clusters: Vec<String> =
        (1..=fleet.clusters).map(|n| cluster(palette, &main, &format!("store-{n:03}"), "edge-native")).collect();
    let now = palette.now;
    // The hour that every backup begins in is over since an hour at least and comes again in twenty: none runs when it is looked at.
    let hour = ago(palette, 3 * 3600).to_zoned(jiff::tz::TimeZone::UTC).hour();
    palette.now = ago(palette, u64::from(fleet.requests) * DAY);
    for n in 0..fleet.workspaces {
        let name = format!("team-{:03}", n + 1);
        let uid = workspace(palette, &main, &name, "fleet", clusters.clone(), &["web", "orders"]);
        let config = Config {
            prefix: name,
            location_uid: store.clone(),
            location_name: "eu-s3".to_owned(),
            location_type: "s3".to_owned(),
            hours: i64::from(fleet.requests) * 24 + 720,
            all_disks: true,
            cron: format!("{} {hour} * * *", n % 60),
            ..Config::default()
        };
        let plan = Plan { config, clusters: Vec::new(), all_clusters: true };
        let stored = palette.set_policy(&Owner::Workspace(uid), plan);
        debug_assert!(stored.is_ok(), "the fleet's own policy: {stored:?}");
    }
    palette.catch_up(now);
}
