//! What rules look at, and what they take in.

use super::{LeftOut, Rule, Workspace};
use crate::{glob, id::ConnectionId, invalid::Invalid, scope::Scope};

/// Something that a system lists or a definition takes in: a namespace of a cluster, an app, an upstream's workspace, an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    pub connection: &'a ConnectionId,
    pub connection_name: &'a str,
    /// `None` where the system has no clusters of its own: the connection's name then stands for it.
    pub cluster: Option<&'a str>,
    pub namespace: Option<&'a str>,
    /// App, upstream workspace or instance.
    pub subject: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The cluster's name, or the connection's.
    pub fn cluster_name(&self) -> &'a str {
        self.cluster.unwrap_or(self.connection_name)
    }
}

impl Rule {
    /// Whether a place belongs to it. A rule over namespaces takes nothing that has none, and one over subjects nothing but those.
    pub fn takes(&self, place: &Place<'_>) -> bool {
        self.connection.as_ref().is_none_or(|connection| connection == place.connection)
            && takes(&self.clusters, Some(place.cluster_name()))
            && takes(&self.namespaces, place.namespace)
            && takes(&self.subjects, place.subject)
    }
}

/// No pattern takes all.
fn takes(patterns: &[String], text: Option<&str>) -> bool {
    patterns.is_empty() || text.is_some_and(|text| any(patterns, text))
}

fn any(patterns: &[String], text: &str) -> bool {
    patterns.iter().any(|pattern| glob::matches(pattern, text))
}

impl LeftOut {
    /// Whether it leaves a place out: by its namespace or by its subject.
    pub fn takes(&self, place: &Place<'_>) -> bool {
        [place.namespace, place.subject].into_iter().flatten().any(|name| glob::matches(&self.pattern, name))
    }
}

impl Workspace {
    /// Whether a place belongs to it, left out or not.
    pub fn takes(&self, place: &Place<'_>) -> bool {
        self.rules.iter().any(|rule| rule.takes(place))
    }

    /// What leaves a place out on purpose, if anything does.
    pub fn left_out(&self, place: &Place<'_>) -> Option<&LeftOut> {
        self.left_out.iter().find(|one| one.takes(place))
    }

    /// The patterns that take in nothing of what is there, under their rules' fields. Nothing is said of a rule whose connection
    /// lists nothing at all: it may not have been read yet.
    pub fn idle(&self, places: &[Place<'_>]) -> Invalid {
        let mut invalid = Invalid::default();
        for (i, rule) in self.rules.iter().enumerate() {
            let of = |place: &&Place<'_>| rule.connection.as_ref().is_none_or(|one| one == place.connection);
            if !places.iter().any(|place| of(&place)) {
                continue;
            }
            let lists: [(&str, &[String], for<'a> fn(&Place<'a>) -> Option<&'a str>); 3] = [
                ("clusters", &rule.clusters, |place| Some(place.cluster_name())),
                ("namespaces", &rule.namespaces, |place| place.namespace),
                ("subjects", &rule.subjects, |place| place.subject),
            ];
            let mut named = false;
            for (field, patterns, name) in lists {
                let there: Vec<&str> = places.iter().filter(of).filter_map(name).collect();
                for pattern in patterns.iter().filter(|pattern| !there.iter().any(|name| glob::matches(pattern, name)))
                {
                    let sentence = format!("“{pattern}” fits nothing that is there now. Correct it, or remove it.");
                    invalid.push(format!("rules.{i}.{field}"), "nothing", sentence);
                    named = true;
                }
            }
            if !named && !places.iter().any(|place| rule.takes(place)) {
                let field = rule.narrowest();
                let sentence = "Each part fits something, and nothing fits all of them together. Loosen one.";
                invalid.push(format!("rules.{i}.{field}"), "nothing", sentence);
            }
        }
        invalid
    }
}

impl Rule {
    /// The last field that narrows it.
    fn narrowest(&self) -> &'static str {
        match (self.subjects.is_empty(), self.namespaces.is_empty(), self.clusters.is_empty()) {
            (false, ..) => "subjects",
            (_, false, _) => "namespaces",
            (_, _, false) => "clusters",
            _ => "connection",
        }
    }
}

impl Scope {
    /// Whether a definition of this scope takes something of a place of its own connection: what labels and kinds narrow it to is
    /// not looked at. Subjects and clusters are compared by name.
    pub fn reaches(&self, place: &Place<'_>) -> bool {
        let subject = self.subject.as_ref().is_none_or(|subject| {
            [place.subject, place.cluster].into_iter().flatten().any(|name| name == subject.name)
        });
        subject
            && (self.clusters.is_empty()
                || self.clusters.iter().any(|cluster| Some(cluster.name.as_str()) == place.cluster))
            && place.namespace.is_none_or(|namespace| {
                takes(&self.namespaces, Some(namespace)) && !any(&self.except_namespaces, namespace)
            })
    }
}
