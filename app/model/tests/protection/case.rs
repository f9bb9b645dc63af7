//! A case, and the parts that cases are made of.

use model::{
    DefinitionId, Millis, Named, Phase,
    definition::{Drift, Standing},
    duration::Seconds,
    judgement::{Ended, Evidence, Uncovered},
    protection::Protection,
};

const HOUR: i64 = 3_600_000;
pub const NOW: Millis = Millis(1_793_259_699_000);
pub const RPO: Seconds = Seconds(24 * 3600);

pub fn ago(hours: i64) -> Millis {
    NOW.plus(-hours * HOUR)
}

pub fn ahead(hours: i64) -> Millis {
    NOW.plus(hours * HOUR)
}

/// A definition in good order: nightly, last night's run was good and is kept for two weeks.
pub fn well(name: &str) -> Evidence {
    Evidence {
        definition: DefinitionId::from(name),
        name: name.into(),
        cluster: None,
        newest_good: Some(ago(6)),
        good_until: Some(ahead(330)),
        standing: Standing::Applied,
        paused: false,
        paused_by: None,
        scheduled: true,
        last: ended(Phase::Succeeded, 6),
        bad_in_a_row: 0,
        running: None,
        overdue_since: None,
        next: Some(ahead(18)),
        silent: None,
    }
}

pub fn ended(phase: Phase, hours: i64) -> Option<Ended> {
    Some(Ended { phase, at: ago(hours), why: None, skipped: None })
}

pub fn because(phase: Phase, hours: i64, why: &str) -> Option<Ended> {
    ended(phase, hours).map(|last| Ended { why: Some(why.into()), ..last })
}

pub fn left_out(hours: i64) -> Option<Ended> {
    ended(Phase::Unknown("skipped".into()), hours)
        .map(|last| Ended { skipped: Some("the cluster is not healthy".into()), ..last })
}

pub fn on(cluster: &str, evidence: Evidence) -> Evidence {
    Evidence { cluster: Some(Named::new(cluster, cluster)), ..evidence }
}

pub fn drift(field: &str, theirs: &str) -> Drift {
    Drift { field: field.into(), ours: None, theirs: Some(theirs.into()), not_adoptable: None }
}

pub fn gap(name: &str, cluster: &str) -> Uncovered {
    Uncovered {
        connection_name: "zrh".into(),
        cluster: Some(cluster.into()),
        name: name.into(),
        since: Some(ago(144)),
        silent: false,
    }
}

pub fn silent(evidence: Evidence) -> Evidence {
    Evidence { silent: Some((ago(1), Some(ago(2)))), ..evidence }
}

pub struct Case {
    pub name: &'static str,
    pub evidence: Vec<Evidence>,
    pub uncovered: Vec<Uncovered>,
    pub verdict: Protection,
    /// Of the first reason: its subject, and a part of its sentence.
    pub subject: &'static str,
    pub sentence: &'static str,
}

pub fn case(
    name: &'static str,
    evidence: impl Into<Vec<Evidence>>,
    verdict: Protection,
    subject: &'static str,
    sentence: &'static str,
) -> Case {
    Case { name, evidence: evidence.into(), uncovered: Vec::new(), verdict, subject, sentence }
}

pub fn gaps(of: Case, uncovered: impl Into<Vec<Uncovered>>) -> Case {
    Case { uncovered: uncovered.into(), ..of }
}

/// One definition, changed from good order.
pub fn one(change: impl FnOnce(&mut Evidence)) -> [Evidence; 1] {
    let mut evidence = well("shop");
    change(&mut evidence);
    [evidence]
}
