//! Where each page stands in the console: its title, its entry in the navigation, its path of crumbs, and the topics of
//! the event stream that keep it fresh.

use crate::{layout::Place, paths};

/// Where a page stands.
#[derive(Clone, Debug)]
pub struct Here {
    pub place: Place,
    /// In the browser's tab, and the last crumb unless `crumb` says it shorter.
    pub title: String,
    pub crumb: Option<String>,
    /// Word and address of what leads here.
    pub crumbs: Vec<(String, String)>,
    /// Prefixes of topics that make the page fetch itself again.
    pub topics: String,
}

impl Here {
    /// The same place under the name of what is shown there.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { title: name.into(), ..self }
    }

    /// One more crumb before the last, with its address.
    #[must_use]
    pub fn within(mut self, word: impl Into<String>, href: String) -> Self {
        self.crumbs.push((word.into(), href));
        self
    }

    /// What the last crumb says where the title repeats those before it.
    #[must_use]
    pub fn in_short(self, crumb: impl Into<String>) -> Self {
        Self { crumb: Some(crumb.into()), ..self }
    }
}

fn top(place: Place, title: &str, topics: &str) -> Here {
    Here { place, title: title.into(), crumb: None, crumbs: Vec::new(), topics: topics.into() }
}

fn under(place: Place, parents: &[(&str, &str)], title: &str, topics: String) -> Here {
    let crumbs = parents.iter().map(|(word, href)| ((*word).to_owned(), (*href).to_owned())).collect();
    Here { place, title: title.into(), crumb: None, crumbs, topics }
}

pub fn status() -> Here {
    top(Place::Status, "Status", "definitions runs points connections workspaces")
}

pub fn workspace(id: &str) -> Here {
    let topics = format!("workspaces:{id} definitions runs points connections");
    under(Place::Status, &[("Status", paths::STATUS)], "Workspace", topics)
}

pub fn workspace_form(title: &str) -> Here {
    under(Place::Status, &[("Status", paths::STATUS)], title, String::new())
}

pub fn definitions() -> Here {
    top(Place::Definitions, "Definitions", "definitions runs connections")
}

pub fn definition(id: &str) -> Here {
    let topics = format!("definitions:{id} runs points connections");
    under(Place::Definitions, &[("Definitions", paths::DEFINITIONS)], "Definition", topics)
}

pub fn policies() -> Here {
    top(Place::Policies, "Policies", "policies definitions connections")
}

pub fn policy(id: &str) -> Here {
    let topics = format!("policies:{id} definitions connections");
    under(Place::Policies, &[("Policies", paths::POLICIES)], "Policy", topics)
}

pub fn new_policy() -> Here {
    under(Place::Policies, &[("Policies", paths::POLICIES)], "New policy", String::new())
}

pub fn runs() -> Here {
    top(Place::Runs, "Runs", "runs connections")
}

pub fn run(id: &str) -> Here {
    under(Place::Runs, &[("Runs", paths::RUNS)], "Run", format!("runs:{id} points connections"))
}

pub fn points() -> Here {
    top(Place::Points, "Recovery points", "points connections")
}

pub fn point(id: &str) -> Here {
    let topics = format!("points:{id} connections");
    under(Place::Points, &[("Recovery points", paths::RECOVERY_POINTS)], "Recovery point", topics)
}

pub fn restores() -> Here {
    top(Place::Restores, "Restores", "restores connections")
}

pub fn restore(id: &str) -> Here {
    under(Place::Restores, &[("Restores", paths::RESTORES)], "Restore", format!("restores:{id} connections"))
}

pub fn new_restore() -> Here {
    under(Place::Points, &[("Recovery points", paths::RECOVERY_POINTS)], "Restore", String::new())
}

pub fn connections() -> Here {
    top(Place::Connections, "Connections", "connections definitions")
}

pub fn connection(id: &str) -> Here {
    let topics = format!("connections:{id} definitions");
    under(Place::Connections, &[("Connections", paths::CONNECTIONS)], "Connection", topics)
}

pub fn connection_form(title: &str) -> Here {
    under(Place::Connections, &[("Connections", paths::CONNECTIONS)], title, String::new())
}

pub fn users() -> Here {
    top(Place::Users, "Users", "users")
}

pub fn account() -> Here {
    top(Place::Account, "My account", "sessions")
}

pub fn not_found() -> Here {
    top(Place::Elsewhere, "Not found", "")
}
