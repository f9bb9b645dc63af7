//! Workspaces in every condition, and one of them in full.

use super::{
    filled::{going, row as definition_row, run_row},
    support::NOW,
};
use model::{
    Millis, Named, Phase,
    connection::ProviderKind,
    duration::{Seconds, Unit},
    judgement::{Judgement, Reason, Uncovered},
    protection::Protection,
    request::{Request, RequestPart},
    run::{Progress, Trigger},
    strip::{Day, DayMark},
    view::*,
    workspace::{LeftOut, LeftOutDraft, RuleDraft, WorkspaceDraft},
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Midnight of the day of [`NOW`] in Zurich, which is an hour before UTC.
const TODAY: Millis = Millis(1_793_228_400_000);

/// Thirty days, good but for those that are named by how many days ago they were.
pub fn days(odd: &[(i64, DayMark)]) -> Vec<Day> {
    (0..30)
        .rev()
        .map(|ago| {
            let mark = odd.iter().find(|(at, _)| *at == ago).map_or(DayMark::Good, |(_, mark)| *mark);
            let runs = u32::from(!matches!(mark, DayMark::Nothing | DayMark::Missed | DayMark::Overdue));
            Day { begins: TODAY.plus(-ago * DAY), mark, runs, good: u32::from(mark == DayMark::Good) }
        })
        .collect()
}

fn reason(protection: Protection, subject: &str, sentence: &str) -> Reason {
    Reason { protection, subject: subject.into(), definition: None, sentence: sentence.into(), since: None }
}

/// A workspace whose newest good point is so many hours old.
pub fn room(id: &str, name: &str, of: &str, reasons: Vec<Reason>, age: Option<i64>) -> WorkspaceRow {
    let over = age.map(|hours| hours - 24).filter(|over| *over > 0);
    WorkspaceRow {
        id: id.into(),
        name: name.into(),
        of: of.into(),
        judgement: Judgement {
            protection: reasons.first().map_or(Protection::Unknown, |first| first.protection),
            reasons,
            newest_good: age.map(|hours| NOW.plus(-hours * HOUR)),
            over: over.map(|hours| Seconds(hours.unsigned_abs() * 3600)),
            as_of: None,
        },
        rpo: Seconds(86_400),
        days: days(&[]),
        now: NowAndNext::Next { at: NOW.plus(18 * HOUR), note: Some("nightly".into()) },
        silent: false,
    }
}

/// One for each thing that a row can say.
pub fn home() -> Home {
    use Protection::{AtRisk, Protected, Unknown, Unprotected};
    let mut checkout = room(
        "w-checkout",
        "checkout",
        "Velero · nyc-prod-2",
        vec![reason(Unprotected, "", "no definition covers its 4 namespaces")],
        None,
    );
    checkout.days = days(&(0..30).map(|ago| (ago, DayMark::Nothing)).collect::<Vec<_>>());
    checkout.now = NowAndNext::Nothing("nothing is planned".into());
    let mut lab = room(
        "w-lab",
        "lab",
        "Waldur · 2 instances",
        vec![
            reason(AtRisk, "gitlab-1", "its schedule is switched off upstream: quota"),
            reason(AtRisk, "gitlab-1", "the newest good point is 9 d old"),
            reason(AtRisk, "db-1", "its next run is paused"),
            reason(AtRisk, "db-2", "its next run is paused"),
        ],
        Some(226),
    );
    lab.days = days(&[(9, DayMark::Failed), (8, DayMark::Missed), (7, DayMark::Missed), (0, DayMark::Nothing)]);
    lab.now = NowAndNext::Nothing("switched off upstream".into());
    let mut payments = room(
        "w-payments",
        "payments",
        "Velero · zrh-prod-1",
        vec![reason(AtRisk, "", "last night’s run lacks 1 of 9 volumes")],
        Some(30),
    );
    payments.now = NowAndNext::Running {
        progress: Some(Progress { done: 63, total: Some(100) }),
        since: Some(NOW.plus(-11 * MINUTE)),
    };
    let mut erp =
        room("w-erp", "erp", "Astra · bsl-ocp-1", vec![reason(AtRisk, "", "the 06:00 run has not begun")], Some(26));
    erp.days = days(&[(25, DayMark::Missed), (3, DayMark::Unknown), (0, DayMark::Overdue)]);
    erp.now = NowAndNext::Overdue { since: NOW.plus(-2 * HOUR - 42 * MINUTE) };
    let mut orders = room(
        "w-orders",
        "orders-us",
        "Velero · nyc-prod-1",
        vec![reason(Unknown, "", "as last seen 14 min ago: protected")],
        Some(2),
    );
    orders.judgement.as_of = Some(NOW.plus(-14 * MINUTE));
    orders.now = NowAndNext::Silent { next_try: Some(NOW.plus(40_000)) };
    orders.silent = true;
    let ledger =
        room("w-ledger", "ledger", "Velero · zrh-prod-1", vec![reason(Protected, "", "2 of 2 definitions")], Some(7));
    let need = |kind, subject: &str, what: &str, link: &str| Need {
        kind,
        subject: subject.into(),
        what: what.into(),
        detail: "2 volumes are missing.".into(),
        since: Some(NOW.plus(-5 * HOUR)),
        link: link.into(),
        action: "See it".into(),
    };
    Home {
        needs: vec![
            need(NeedKind::Unprotected, "checkout", "No definition covers its 4 namespaces.", "/workspaces/w-checkout"),
            need(NeedKind::Partial, "shop-nightly", "newest run is partial", "/runs/r1"),
        ],
        workspaces: vec![checkout, lab, storefront().row, payments, erp, orders, ledger],
        loose: 3,
        definitions: 30,
        running: vec![run_row(going())],
        connections: 1,
        silent: 0,
        tour: vec![Hint {
            sentence: "One cluster of storefront refuses its key. See what its request says.".into(),
            link: "/workspaces/w1".into(),
            action: "Open storefront".into(),
        }],
    }
}

fn part(cluster: &str, phase: Phase, raw: &str) -> RequestPart {
    RequestPart {
        run: format!("r-{cluster}").into(),
        definition: Some("d1".into()),
        definition_name: Some("storefront-edge".into()),
        place: Named::new(cluster, cluster),
        phase,
        raw_phase: raw.into(),
        message: None,
        skipped: None,
        expires: None,
        namespaces: Vec::new(),
    }
}

fn good_part(cluster: &str) -> RequestPart {
    RequestPart {
        expires: Some(NOW.plus(30 * DAY)),
        namespaces: vec!["shop".into(), "shop-db".into()],
        ..part(cluster, Phase::Succeeded, "Completed")
    }
}

fn request(key: &str, ago: i64, actor: Trigger, phase: Phase, parts: Vec<RequestPart>) -> Request {
    Request { key: key.into(), at: NOW.plus(-ago), actor, phase, said: None, parts }
}

/// Requests of every sort, newest first.
pub fn requests() -> Vec<Request> {
    let mut failed = part("edge-geneva", Phase::Failed, "Failed");
    failed.message = Some("BackupStorageLocation eu-s3-retail is <unavailable>.".into());
    let mut skipped = part("edge-lugano", Phase::Unknown(String::new()), "");
    skipped.skipped = Some("Palette leaves out clusters that are not healthy.".into());
    let odd = Phase::Unknown("Finishing".into());
    vec![
        Request {
            said: Some("Completed".into()),
            ..request(
                "q1",
                5 * HOUR,
                Trigger::Schedule,
                Phase::Partial,
                vec![good_part("edge-basel"), good_part("edge-bern"), failed.clone(), skipped],
            )
        },
        request("q2", 29 * HOUR, Trigger::Schedule, Phase::Partial, vec![good_part("edge-basel"), failed]),
        request(
            "q3",
            53 * HOUR,
            Trigger::Schedule,
            Phase::Succeeded,
            vec![good_part("edge-basel"), good_part("edge-bern")],
        ),
        request(
            "q4",
            66 * HOUR,
            Trigger::Person("retail-ops".into()),
            odd.clone(),
            vec![part("edge-basel", odd, "Finishing")],
        ),
    ]
}

pub fn matrix() -> Matrix {
    use MatrixCell::{Good, LeftOut, NoneYet, NotThere, Nothing, Unknown};
    let good = || Good { at: NOW.plus(-5 * HOUR - 42 * MINUTE), over: None, last: Some(Phase::Succeeded) };
    let bad = || Good {
        at: NOW.plus(-53 * HOUR - 42 * MINUTE),
        over: Some(Seconds(29 * 3600 + 42 * 60)),
        last: Some(Phase::Failed),
    };
    let line = |name: &str, cells, odd: &[(i64, DayMark)]| MatrixRow {
        name: name.into(),
        detail: "Running, v1.31.4".into(),
        cells,
        days: days(odd),
    };
    Matrix {
        columns: vec!["shop".into(), "shop-db".into(), "loyalty".into(), "shop-preview".into()],
        rows: vec![
            line("edge-basel", vec![good(), good(), Nothing, LeftOut("rebuilt from Git".into())], &[]),
            line("edge-bern", vec![good(), NoneYet { phase: None }, NotThere, NotThere], &[(17, DayMark::Partial)]),
            line("edge-geneva", vec![bad(), bad(), Nothing, NotThere], &[(1, DayMark::Failed), (0, DayMark::Failed)]),
            line(
                "edge-lugano",
                vec![Unknown { at: Some(NOW.plus(-29 * HOUR)) }, Unknown { at: None }, NotThere, NotThere],
                &[(0, DayMark::Missed)],
            ),
        ],
    }
}

/// Palette's own workspace with a gap on one cluster.
pub fn storefront() -> WorkspaceView {
    let mut worst = reason(Protection::AtRisk, "edge-geneva", "failed twice since the last good point");
    worst.definition = Some("d1".into());
    worst.since = Some(NOW.plus(-29 * HOUR));
    let reasons = vec![worst, reason(Protection::AtRisk, "loyalty", "in no definition at all")];
    let mut row = room("w1", "storefront", "Palette · 4 clusters", reasons, Some(53));
    row.days = days(&[(17, DayMark::Partial), (1, DayMark::Failed), (0, DayMark::Failed)]);
    let gap = |cluster: &str| Uncovered {
        connection_name: "palette-retail".into(),
        cluster: Some(cluster.into()),
        name: "loyalty".into(),
        since: Some(NOW.plus(-15 * DAY)),
        silent: false,
    };
    WorkspaceView {
        row,
        upstream: Some(("c1".into(), "palette-retail".into(), ProviderKind::Palette)),
        draft: draft(),
        version: 3,
        matrix: matrix(),
        requests: requests(),
        older: Some("65cc01".into()),
        definitions: vec![DefinitionRow { name: "storefront-edge".into(), ..definition_row() }],
        uncovered: vec![gap("edge-basel"), gap("edge-geneva")],
        left_out: vec![(
            LeftOut {
                pattern: "shop-preview*".into(),
                reason: "rebuilt from Git, no state".into(),
                by: "retail-ops".into(),
            },
            6,
        )],
        places_at: Some(NOW.plus(-4 * MINUTE)),
    }
}

pub fn draft() -> WorkspaceDraft {
    WorkspaceDraft {
        name: "storefront".into(),
        rpo: "24".into(),
        rpo_unit: Unit::Hours,
        rules: vec![RuleDraft { connection: "c1".into(), namespaces: "shop, shop-*".into(), ..RuleDraft::default() }],
        left_out: vec![LeftOutDraft { pattern: "shop-preview*".into(), reason: "rebuilt from Git".into() }],
    }
}

pub fn start() -> WorkspaceStart {
    WorkspaceStart { draft: draft(), editing: None, connections: vec![("c1".into(), "velero-zrh".into())] }
}

/// The same estate after its connections went silent.
pub fn silenced(home: &mut Home) {
    for row in &mut home.workspaces {
        row.silent = true;
        row.judgement.protection = Protection::Unknown;
        row.judgement.as_of = Some(NOW.plus(-10 * MINUTE));
        row.now = NowAndNext::Silent { next_try: None };
    }
    home.running.iter_mut().for_each(|row| row.silent = true);
    home.silent = home.connections;
}
