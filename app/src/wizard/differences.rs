//! Two drafts field by field, in the words of the screens.

use crate::ui::Differs;
use model::{
    Named,
    draft::{DefinitionDraft, RequirementDraft, TierDraft},
    scope::ClusterObjects,
};

/// The field whose value is a policy's id: whoever knows its name says that instead.
pub const LIBRARY: &str = "Policy of the library";

/// What differs, in the order of the steps.
pub fn differences(mine: &DefinitionDraft, theirs: &DefinitionDraft) -> Vec<Differs> {
    said(mine)
        .into_iter()
        .zip(said(theirs))
        .filter(|((_, mine), (_, theirs))| mine != theirs)
        .map(|((field, mine), (_, theirs))| Differs { field: field.into(), theirs, mine })
        .collect()
}

/// Every field in words; the same fields in the same order for each draft.
fn said(draft: &DefinitionDraft) -> [(&'static str, String); 18] {
    let scope = &draft.scope;
    let or = |text: &str, empty: &str| if text.trim().is_empty() { empty.to_owned() } else { text.trim().to_owned() };
    let list = |words: &[String], empty: &str| if words.is_empty() { empty.to_owned() } else { words.join(", ") };
    let keep = match draft.keep_for.trim() {
        "" => "the system's default".to_owned(),
        n => format!("{n} {}", draft.keep_unit.word()),
    };
    let objects = match scope.cluster_objects {
        ClusterObjects::Needed => "those that are needed",
        ClusterObjects::All => "all",
        ClusterObjects::None => "none",
    };
    let names = |all: &[Named], empty: &str| match all {
        [] => empty.to_owned(),
        some => some.iter().map(|n| n.name.as_str()).collect::<Vec<_>>().join(", "),
    };
    let further =
        |t: &TierDraft| format!("{} kept {} {}{}", t.cron, t.keep_for, t.keep_unit.word(), newest(&t.keep_last));
    let scheduled = |text: String| if draft.scheduled { text } else { "no schedule".to_owned() };
    [
        ("Name", or(&draft.name, "none")),
        ("Connection", or(&draft.connection, "none")),
        ("Protected", names(scope.subject.as_slice(), "none chosen")),
        ("Clusters", names(&scope.clusters, "all")),
        ("Namespaces", if scope.everything { "every namespace".into() } else { list(&scope.namespaces, "none") }),
        ("Namespaces left out", list(&scope.except_namespaces, "none")),
        ("Labels", labels(&scope.selectors)),
        ("Kinds", list(&scope.resources, "every kind")),
        ("Kinds left out", list(&scope.except_resources, "none")),
        ("Cluster-scoped objects", objects.to_owned()),
        ("Location", or(&draft.location, "the system's default")),
        ("Volumes", draft.volumes.words().to_owned()),
        (
            "Kept",
            format!(
                "{keep}{}{}{}",
                newest(&draft.keep_last),
                counted(", at least ", &draft.keep_at_least, ""),
                counted(", and ", &draft.keep_snapshots, " snapshots"),
            ),
        ),
        ("Schedule", scheduled(format!("{} ({})", or(&draft.cron, "no time"), or(&draft.zone, "the system's zone")))),
        ("Policy", names(draft.policy.as_slice(), "none")),
        (LIBRARY, or(&draft.follows, "none")),
        ("Further schedules", scheduled(list(&draft.further.iter().map(further).collect::<Vec<_>>(), "none"))),
        ("State", if draft.paused { "paused".into() } else { "active".into() }),
    ]
}

/// `, the newest 7`; nothing where no number is typed.
fn newest(number: &str) -> String {
    counted(", the newest ", number, "")
}

fn counted(before: &str, number: &str, after: &str) -> String {
    match number.trim() {
        "" => String::new(),
        n => format!("{before}{n}{after}"),
    }
}

fn labels(groups: &[Vec<RequirementDraft>]) -> String {
    let said: Vec<String> = groups
        .iter()
        .map(|group| {
            group
                .iter()
                .filter(|r| !r.key.trim().is_empty())
                .map(|r| {
                    let values =
                        if r.operator.takes_values() { format!(" {}", r.values.trim()) } else { String::new() };
                    format!("{} {}{values}", r.key.trim(), r.operator.words())
                })
                .collect::<Vec<_>>()
                .join(" and ")
        })
        .filter(|said| !said.is_empty())
        .collect();
    if said.is_empty() { "not looked at".into() } else { said.join("; or ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{draft::ScopeDraft, duration::Unit, label::Operator};

    #[test]
    fn equal_drafts_do_not_differ() {
        let draft = DefinitionDraft { name: " shop ".into(), ..Default::default() };
        let same = DefinitionDraft { name: "shop".into(), ..Default::default() };
        assert_eq!(differences(&draft, &same), []);
    }

    #[test]
    fn every_field_is_compared() {
        let mine = DefinitionDraft::default();
        let theirs = DefinitionDraft {
            name: "n".into(),
            connection: "c".into(),
            scope: ScopeDraft {
                subject: Some(Named::new("a", "shop")),
                clusters: vec![Named::new("k", "zrh-1")],
                everything: true,
                namespaces: vec![],
                except_namespaces: vec!["x".into()],
                selectors: vec![vec![RequirementDraft {
                    key: "tier".into(),
                    operator: Operator::In,
                    values: "web, db".into(),
                }]],
                resources: vec!["pods".into()],
                except_resources: vec!["events".into()],
                cluster_objects: ClusterObjects::All,
            },
            location: "l".into(),
            volumes: model::definition::Volumes::None,
            keep_for: "3".into(),
            keep_unit: Unit::Weeks,
            keep_last: "2".into(),
            keep_at_least: "1".into(),
            keep_snapshots: "4".into(),
            policy: Some(Named::new("p", "gold")),
            follows: "p1".into(),
            further: vec![TierDraft { cron: "@hourly".into(), keep_last: "24".into(), ..TierDraft::default() }],
            scheduled: true,
            cron: "0 1 * * *".into(),
            zone: "UTC".into(),
            paused: true,
            // Nobody's choice: the same on both sides.
            reserved: String::new(),
        };
        let found = differences(&mine, &theirs);
        assert_eq!(found.len(), 18, "{found:#?}");
        let of = |field| found.iter().find(|d| d.field == field).map(|d| d.theirs.as_str());
        assert_eq!(of("Labels"), Some("tier is one of web, db"));
        assert_eq!(of("Kept"), Some("3 weeks, the newest 2, at least 1, and 4 snapshots"));
        assert_eq!(of("Schedule"), Some("0 1 * * * (UTC)"));
    }
}
