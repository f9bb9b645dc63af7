//! Typed links: the only place where a path of this console is spelled.

use model::{ConnectionId, DefinitionId, PointId, PolicyId, RestoreId, RunId, WorkspaceId};

pub const STATUS: &str = "/";
pub const DEFINITIONS: &str = "/definitions";
pub const NEW_DEFINITION: &str = "/definitions/new";
pub const POLICIES: &str = "/policies";
pub const NEW_POLICY: &str = "/policies/new";
pub const RUNS: &str = "/runs";
pub const RECOVERY_POINTS: &str = "/recovery-points";
pub const RESTORES: &str = "/restores";
pub const NEW_RESTORE: &str = "/restores/new";
pub const CONNECTIONS: &str = "/connections";
pub const NEW_CONNECTION: &str = "/connections/new";
pub const NEW_WORKSPACE: &str = "/workspaces/new";
pub const USERS: &str = "/settings/users";
pub const ACCOUNT: &str = "/settings/account";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_OUT: &str = "/sign-out";
pub const SETUP: &str = "/setup";
pub const PREFERENCES: &str = "/preferences";
pub const EVENTS: &str = "/events";

pub fn definition(id: &DefinitionId) -> String {
    format!("/definitions/{id}")
}

pub fn edit_definition(id: &DefinitionId) -> String {
    format!("/definitions/{id}/edit")
}

pub fn policy(id: &PolicyId) -> String {
    format!("/policies/{id}")
}

pub fn run(id: &RunId) -> String {
    format!("/runs/{id}")
}

pub fn run_log(id: &RunId) -> String {
    format!("/runs/{id}/log")
}

/// A plain download of the whole log as text.
pub fn run_log_file(id: &RunId) -> String {
    format!("/runs/{id}/log.txt")
}

pub fn point(id: &PointId) -> String {
    format!("/recovery-points/{id}")
}

pub fn restore(id: &RestoreId) -> String {
    format!("/restores/{id}")
}

pub fn restore_log_file(id: &RestoreId) -> String {
    format!("/restores/{id}/log.txt")
}

pub fn new_restore(point: &PointId) -> String {
    format!("/restores/new?point={point}")
}

pub fn connection(id: &ConnectionId) -> String {
    format!("/connections/{id}")
}

pub fn edit_connection(id: &ConnectionId) -> String {
    format!("/connections/{id}/edit")
}

pub fn workspace(id: &WorkspaceId) -> String {
    format!("/workspaces/{id}")
}

pub fn edit_workspace(id: &WorkspaceId) -> String {
    format!("/workspaces/{id}/edit")
}

/// A new definition on this connection.
pub fn new_definition_on(id: &ConnectionId) -> String {
    format!("{NEW_DEFINITION}?connection={id}")
}

/// Definitions of one connection.
pub fn definitions_of(id: &ConnectionId) -> String {
    format!("/definitions?connection={id}")
}

/// Runs of one definition.
pub fn runs_of(id: &DefinitionId) -> String {
    format!("/runs?definition={id}")
}

/// Recovery points of one definition.
pub fn points_of(id: &DefinitionId) -> String {
    format!("/recovery-points?definition={id}")
}

/// A query string of the pairs that are not empty: `?a=b&c=d`, or nothing.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (key, value) in pairs.iter().filter(|(_, v)| !v.is_empty()) {
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(key);
        out.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn queries_escape() {
        assert_eq!(super::query(&[("a", ""), ("b", "x y&z"), ("c", "ü")]), "?b=x%20y%26z&c=%C3%BC");
        assert_eq!(super::query(&[]), "");
    }
}
