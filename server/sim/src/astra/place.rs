//! What a path below an account names.

use super::shelf::Shelf;

/// A collection or one resource of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) shelf: Shelf,
    /// Where it lies: the app, cluster or cloud that the path goes through.
    pub(super) under: Option<(Shelf, String)>,
    /// Unset: the whole collection.
    pub(super) id: Option<String>,
    /// Whether managed clusters are asked for as plain clusters.
    pub(super) as_cluster: bool,
}

fn place(shelf: Shelf, under: Option<(Shelf, &str)>, id: Option<&&str>) -> Option<Place> {
    let under = under.map(|(shelf, owner)| (shelf, owner.to_owned()));
    Some(Place { shelf, under, id: id.map(|id| (*id).to_owned()), as_cluster: false })
}

/// Reads the parts after the account's identifier.
pub(super) fn of(parts: &[&str]) -> Option<Place> {
    let (head, rest) = parts.split_at_checked(2)?;
    match (head, rest) {
        (["k8s" | "topology", "v2"], ["apps", id @ ..]) if id.len() < 2 => place(Shelf::App, None, id.first()),
        (["k8s", "v1"], ["apps", app, "appAssets"]) => place(Shelf::Asset, Some((Shelf::App, app)), None),
        (["k8s", "v1"], ["apps", app, "appBackups", backup, "appAssets"]) => {
            let mut found = place(Shelf::Asset, Some((Shelf::App, app)), None)?;
            found.id = Some((*backup).to_owned());
            Some(found)
        }
        (["k8s", "v1"], ["apps", app, word, id @ ..]) if id.len() < 2 => {
            let shelf = match *word {
                "appBackups" => Shelf::Backup,
                "appSnaps" => Shelf::Snap,
                "schedules" => Shelf::Schedule,
                "executionHooks" => Shelf::Hook,
                _ => return None,
            };
            place(shelf, Some((Shelf::App, app)), id.first())
        }
        (["k8s", "v1"], ["appMirrors", id @ ..]) if id.len() < 2 => place(Shelf::Mirror, None, id.first()),
        (["topology", "v1"], rest) => topology(rest),
        (["core", "v1"], [word, id @ ..]) if id.len() < 2 => place(core(word)?, None, id.first()),
        _ => None,
    }
}

fn core(word: &str) -> Option<Shelf> {
    Some(match word {
        "tasks" => Shelf::Task,
        "events" => Shelf::Event,
        "notifications" => Shelf::Notification,
        "credentials" => Shelf::Credential,
        "features" => Shelf::Feature,
        "settings" => Shelf::Setting,
        "users" => Shelf::User,
        "hookSources" => Shelf::HookSource,
        // The vendor's toolkit deletes them here.
        "executionHooks" => Shelf::Hook,
        _ => return None,
    })
}

fn topology(rest: &[&str]) -> Option<Place> {
    let inner = |word: &str| match word {
        "namespaces" => Some(Shelf::Namespace),
        "storageClasses" => Some(Shelf::StorageClass),
        "apps" => Some(Shelf::App),
        _ => None,
    };
    match rest {
        ["appBackups", id @ ..] if id.len() < 2 => place(Shelf::Backup, None, id.first()),
        ["buckets", id @ ..] if id.len() < 2 => place(Shelf::Bucket, None, id.first()),
        ["clouds", id @ ..] if id.len() < 2 => place(Shelf::Cloud, None, id.first()),
        ["clouds", cloud, "clusters", id @ ..] if id.len() < 2 => {
            let mut found = place(Shelf::Cluster, Some((Shelf::Cloud, cloud)), id.first())?;
            found.as_cluster = true;
            Some(found)
        }
        ["clouds", _, "clusters", cluster, word] | ["managedClusters" | "clusters", cluster, word] => {
            place(inner(word)?, Some((Shelf::Cluster, cluster)), None)
        }
        ["managedClusters" | "clusters", id @ ..] if id.len() < 2 => {
            let mut found = place(Shelf::Cluster, None, id.first())?;
            found.as_cluster = rest.first() == Some(&"clusters");
            Some(found)
        }
        ["namespaces", id @ ..] if id.len() < 2 => place(Shelf::Namespace, None, id.first()),
        ["storageClasses", id @ ..] if id.len() < 2 => place(Shelf::StorageClass, None, id.first()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn reads_paths() {
        let read = |path: &str| of(&path.split('/').collect::<Vec<_>>());
        let backup = read("k8s/v1/apps/a/appBackups/b").unwrap();
        assert_eq!((backup.shelf, backup.id.as_deref()), (Shelf::Backup, Some("b")));
        assert_eq!(backup.under, Some((Shelf::App, "a".to_owned())));
        assert!(read("topology/v1/clouds/c/clusters").unwrap().as_cluster);
        assert!(!read("topology/v1/managedClusters/c").unwrap().as_cluster);
        assert_eq!(read("k8s/v2/apps").unwrap().shelf, Shelf::App);
        for nowhere in
            ["k8s", "k8s/v1", "k8s/v1/managedApps", "k8s/v1/apps", "k8s/v2/apps/a/b", "core/v2/tasks", "core/v1"]
        {
            assert_eq!(read(nowhere), None, "{nowhere}");
        }
    }
}
