//! Which resource a path names, and what may be done there in each generation.

use super::options::Generation;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    Projects,
    Instances,
    Backups,
    Schedules,
    Flavors,
    Images,
    Subnets,
    Groups,
    FloatingIps,
}

impl Resource {
    const ALL: [Self; 9] = [
        Self::Projects,
        Self::Instances,
        Self::Backups,
        Self::Schedules,
        Self::Flavors,
        Self::Images,
        Self::Subnets,
        Self::Groups,
        Self::FloatingIps,
    ];

    /// Its word in URLs.
    pub(crate) fn word(self, generation: Generation) -> String {
        let tail = match self {
            Self::Projects => return "projects".to_owned(),
            Self::Instances => "instances",
            Self::Backups => "backups",
            Self::Schedules => "backup-schedules",
            Self::Flavors => "flavors",
            Self::Images => "images",
            Self::Subnets => "subnets",
            Self::Groups => "security-groups",
            Self::FloatingIps => "floating-ips",
        };
        format!("{}-{tail}", generation.prefix())
    }

    /// All that a generation has routes for.
    pub(crate) fn of(generation: Generation) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |resource| match resource {
            Self::Schedules => generation.has_schedules(),
            Self::Subnets | Self::Groups | Self::FloatingIps => !generation.is_old(),
            _ => true,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// `/api/`: names and addresses of the lists.
    Root,
    Version,
    Login,
    List(Resource),
    /// Resource and identifier as written.
    Item(Resource, String),
    Action(Resource, String, &'static str),
    /// A route, but for its last slash.
    Slashless,
    Nowhere,
}

/// Looks a path up.
pub(crate) fn find(path: &str, generation: Generation) -> Target {
    let Some(inner) = path.strip_suffix('/') else {
        return match find(&format!("{path}/"), generation) {
            Target::Nowhere => Target::Nowhere,
            _ => Target::Slashless,
        };
    };
    let parts: Vec<&str> = inner.split('/').collect();
    let resource = |word: &str| Resource::of(generation).find(|resource| resource.word(generation) == word);
    match parts.as_slice() {
        ["", "api"] => Target::Root,
        ["", "api", "version"] => Target::Version,
        ["", "api-auth", "password"] => Target::Login,
        ["", "api", word] => resource(word).map_or(Target::Nowhere, Target::List),
        // Routers take any identifier without slash and dot; looking it up is the view's business.
        ["", "api", word, id] if !id.is_empty() && !id.contains('.') => {
            resource(word).map_or(Target::Nowhere, |resource| Target::Item(resource, (*id).to_owned()))
        }
        ["", "api", word, id, action] if !id.is_empty() && !id.contains('.') => resource(word)
            .and_then(|resource| {
                let known = actions(resource, generation).iter().find(|known| *known == action)?;
                Some(Target::Action(resource, (*id).to_owned(), known))
            })
            .unwrap_or(Target::Nowhere),
        _ => Target::Nowhere,
    }
}

fn actions(resource: Resource, generation: Generation) -> &'static [&'static str] {
    match (resource, generation) {
        (Resource::Backups, Generation::G2) => &["restore", "delete"],
        (Resource::Backups, Generation::G3 | Generation::G4) => &["restore", "pull", "unlink"],
        (Resource::Backups, Generation::G5) => &["restore", "pull", "unlink", "set_ok", "set_erred"],
        (Resource::Schedules, _) => &["activate", "deactivate"],
        (Resource::Instances, Generation::G3 | Generation::G4) => &["backup", "create_backup_schedule"],
        (Resource::Instances, Generation::G5) => &["backup"],
        _ => &[],
    }
}

/// The `Allow` header of a target.
pub(crate) fn allow(target: &Target, generation: Generation) -> &'static str {
    match target {
        Target::Login => "POST, OPTIONS",
        Target::Action(..) => "POST, OPTIONS",
        Target::List(Resource::Backups | Resource::Schedules) if generation.is_old() => "GET, POST, HEAD, OPTIONS",
        Target::Item(Resource::Backups, _) if !generation.is_old() => "GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
        Target::Item(Resource::Schedules, _) => "GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
        _ => "GET, HEAD, OPTIONS",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_its_own_routes() {
        use Generation::{G2, G3, G4, G5};
        for (path, generation, expected) in [
            ("/api/", G2, Target::Root),
            ("/api/openstack-backups/", G2, Target::List(Resource::Backups)),
            ("/api/openstack-backups", G2, Target::Slashless),
            ("/api/openstack-backup/x/restore/", G2, Target::Nowhere),
            ("/api/openstack-backups/x/delete/", G2, Target::Action(Resource::Backups, "x".into(), "delete")),
            ("/api/openstack-backups/x/delete/", G4, Target::Nowhere),
            ("/api/openstack-backups/", G3, Target::Nowhere),
            ("/api/openstacktenant-backups/x/", G3, Target::Item(Resource::Backups, "x".into())),
            ("/api/openstack-backup-schedules/", G4, Target::List(Resource::Schedules)),
            ("/api/openstack-backup-schedules/", G5, Target::Nowhere),
            ("/api/openstack-instances/x/create_backup_schedule/", G5, Target::Nowhere),
            ("/api/openstack-subnets/", G2, Target::Nowhere),
            ("/api//openstack-backups/", G4, Target::Nowhere),
            ("/api/openstack-backups//", G4, Target::Nowhere),
            ("/", G4, Target::Nowhere),
            ("", G4, Target::Nowhere),
        ] {
            assert_eq!(find(path, generation), expected, "{path} {generation:?}");
        }
    }
}
