//! Policies that upstreams keep themselves, as their lists were last read.

use crate::store::ConnectionRow;
use model::{ConnectionId, Millis, connection::PolicySeen, view::UpstreamPolicyRow};

/// A connection, the policies that its list named, and when that was read.
pub(super) type Listed = (ConnectionId, Vec<PolicySeen>, Millis);

/// By connection, then by name. A list of a connection that is gone is left out.
pub(super) fn rows(connections: &[ConnectionRow], lists: &[Listed]) -> Vec<UpstreamPolicyRow> {
    let mut rows = Vec::new();
    for connection in connections {
        let Some((_, policies, at)) = lists.iter().find(|(of, ..)| *of == connection.id) else { continue };
        let mut policies: Vec<&PolicySeen> = policies.iter().collect();
        policies.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        rows.extend(policies.into_iter().map(|policy| UpstreamPolicyRow {
            connection: connection.id.clone(),
            connection_name: connection.name.clone(),
            kind: connection.kind,
            name: policy.name.clone(),
            words: policy.words.clone(),
            used_by: policy.used_by,
            as_of: Some(*at),
        }));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Settings;
    use model::connection::{Health, ProviderKind};

    fn connection(id: &str) -> ConnectionRow {
        ConnectionRow {
            id: id.into(),
            name: format!("name of {id}"),
            kind: ProviderKind::CloudCasa,
            settings: Settings::default(),
            secret: String::new(),
            version: 1,
            health: Health::New,
            upstream_version: None,
            platform: None,
            latency_ms: None,
            last_seen: None,
            locations: Vec::new(),
            nudge: 0,
            definitions: 0,
            created_at: Millis(0),
            updated_at: Millis(0),
        }
    }

    #[test]
    fn lists_stand_by_connection_and_name() {
        let policy = |name: &str| PolicySeen { id: name.into(), name: name.into(), ..PolicySeen::default() };
        let list = |of: &str, names: [&str; 2]| -> Listed { (of.into(), names.map(policy).to_vec(), Millis(7)) };
        let lists = [list("b", ["silver", "gold"]), list("gone", ["x", "y"]), list("a", ["z", "w"])];
        let rows = rows(&[connection("a"), connection("b"), connection("c")], &lists);
        let said: Vec<(&str, &str)> = rows.iter().map(|row| (row.connection.as_str(), row.name.as_str())).collect();
        assert_eq!(said, [("a", "w"), ("a", "z"), ("b", "gold"), ("b", "silver")]);
        assert_eq!((rows[0].connection_name.as_str(), rows[0].as_of), ("name of a", Some(Millis(7))));
    }
}
