//! Workspaces and the status page: what belongs to them, how they are judged, who may change them.

use crate::{
    bed::{Bed, admin, eventually, operator, viewer},
    faults::reconnect,
};
use app::{
    backend::{Activity, Caller, Connections, Definitions, Workspaces},
    error::ErrorKind,
};
use model::{
    ConnectionId, Phase, WorkspaceId,
    connection::ConnectionDraft,
    draft::{DefinitionDraft, ScopeDraft},
    duration::Unit,
    protection::Protection,
    strip::DayMark,
    view::{Home, MatrixCell, NeedKind, NowAndNext, RunFilter, WorkspaceRow, WorkspaceView},
    workspace::{LeftOutDraft, RuleDraft, WorkspaceDraft},
};
use serde_json::json;
use sim::Effect;
use std::time::Duration;

/// A workspace of these namespaces of a connection.
fn draft(name: &str, connection: &ConnectionId, namespaces: &str) -> WorkspaceDraft {
    WorkspaceDraft {
        name: name.into(),
        rpo: "24".into(),
        rpo_unit: Unit::Hours,
        rules: vec![RuleDraft {
            connection: connection.0.clone(),
            namespaces: namespaces.into(),
            ..RuleDraft::default()
        }],
        ..WorkspaceDraft::default()
    }
}

impl Bed {
    async fn home(&self) -> Home {
        self.console.home(&viewer()).await.unwrap()
    }

    async fn room(&self, id: &WorkspaceId) -> WorkspaceView {
        self.console.workspace(&viewer(), id.clone(), String::new()).await.unwrap()
    }

    async fn row(&self, name: &str) -> Option<WorkspaceRow> {
        self.home().await.workspaces.into_iter().find(|row| row.name == name)
    }

    /// Waits until the lists of a connection were read.
    async fn listed(&self, connection: &ConnectionId) {
        eventually("the lists", async || self.console.store().inventory_of(connection).await.unwrap()).await;
    }

    fn namespace(&self, scenario: &str, name: &str) {
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.world.object(scenario, object).unwrap();
    }

    /// A connection to another system's simulator, in its scenario `demo`.
    async fn connect_to(&self, system: &str) -> ConnectionId {
        let line = sim::announce(&self.base).into_iter().find(|line| line["system"] == system).unwrap();
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let draft = ConnectionDraft {
            system: system.into(),
            name: system.into(),
            address: text("base_url"),
            credential: text("credential"),
            namespace: text("namespace"),
            account: text("account_id") + &text("project_uid"),
            ..ConnectionDraft::default()
        };
        self.console.add_connection(&admin(), draft).await.unwrap()
    }
}

fn paths(error: &app::error::ApiError) -> Vec<&str> {
    error.fields.iter().map(|field| field.path.as_str()).collect()
}

/// From nothing to protected.
#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_is_unprotected_until_a_good_point_is_there() {
    let bed = Bed::observed().await;
    assert_eq!(bed.home().await, Home::default());
    let connection = bed.connect("shop").await;
    bed.listed(&connection).await;
    let id = bed.console.create_workspace(&operator(), draft("Shop", &connection, "web")).await.unwrap();
    let row = bed.row("Shop").await.unwrap();
    assert_eq!(row.judgement.protection, Protection::Unprotected);
    assert_eq!(row.of, "Velero · shop");
    let need = bed.home().await.needs.remove(0);
    assert_eq!((need.kind, need.what.as_str()), (NeedKind::Unprotected, "web is in no definition"));
    assert_eq!(need.link, format!("/workspaces/{id}"));
    assert_eq!(bed.console.tally().await.unwrap().needs, 1);
    assert_eq!(bed.room(&id).await.uncovered.len(), 1);

    bed.define(&connection, "web-nightly").await;
    let view = bed.room(&id).await;
    assert!(view.uncovered.is_empty(), "it is in a definition now: {:?}", view.uncovered);
    assert_eq!(view.row.judgement.protection, Protection::Unprotected, "a schedule is no backup");
    assert_eq!(view.matrix.rows[0].cells, [MatrixCell::NoneYet { phase: None }]);
    assert_eq!(bed.home().await.loose, 0);

    bed.step().await;
    let definition = view.definitions[0].id.clone();
    bed.console.run_now(&operator(), definition.clone()).await.unwrap();
    bed.step().await;
    let view = eventually("the good point", async || {
        let view = bed.room(&id).await;
        (view.row.judgement.protection == Protection::Protected).then_some(view)
    })
    .await;
    assert!(view.row.judgement.newest_good.is_some());
    assert_eq!(view.row.days.len(), 30);
    assert_eq!(view.row.days[29].mark, DayMark::Good);
    assert!(view.row.days[..29].iter().all(|day| day.mark == DayMark::Nothing), "made today: {:?}", view.row.days);
    assert_eq!((view.matrix.columns.as_slice(), view.matrix.rows.len()), (["web".to_owned()].as_slice(), 1));
    assert!(matches!(view.matrix.rows[0].cells[0], MatrixCell::Good { over: None, .. }), "{:?}", view.matrix);
    assert_eq!(view.matrix.rows[0].days, view.row.days);
    assert_eq!((view.requests.len(), view.older.as_deref()), (1, None));
    assert_eq!(view.requests[0].phase, Phase::Succeeded);
    assert_eq!(view.requests[0].parts[0].definition.as_ref(), Some(&definition));
    assert!(matches!(view.row.now, NowAndNext::Next { .. }), "{:?}", view.row.now);
    assert!(view.places_at.is_some());

    bed.console.pause_definition(&operator(), definition).await.unwrap();
    let row = bed.row("Shop").await.unwrap();
    assert_eq!(row.now, NowAndNext::Nothing("paused by olga".into()));
    let told = row.judgement.reasons.iter().find(|reason| reason.sentence.starts_with("paused by olga;"));
    assert_eq!(told.and_then(|reason| reason.since), Some(bed.clock.now()), "{:?}", row.judgement);

    // Older than the RPO allows, whatever the schedule says.
    bed.clock.advance(26 * 3_600_000);
    let row = bed.row("Shop").await.unwrap();
    assert_eq!(row.judgement.protection, Protection::AtRisk, "{:?}", row.judgement);
    assert!(row.judgement.over.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_up_later_is_told_with_its_moment() {
    let bed = Bed::observed().await;
    let connection = bed.connect("shop").await;
    bed.listed(&connection).await;
    let all = WorkspaceDraft {
        rules: vec![RuleDraft { connection: connection.0.clone(), ..RuleDraft::default() }],
        left_out: vec![LeftOutDraft { pattern: "*".into(), reason: "not ours yet".into() }],
        ..draft("Everything", &connection, "")
    };
    let id = bed.console.create_workspace(&operator(), all.clone()).await.unwrap();
    let view = bed.room(&id).await;
    assert_eq!(view.row.judgement.protection, Protection::Unknown, "nothing belongs to it");
    assert!(view.left_out[0].1 > 0 && view.uncovered.is_empty(), "{:?}", view.left_out);
    assert_eq!(view.left_out[0].0.by, "olga");
    let open = WorkspaceDraft { left_out: Vec::new(), ..all };
    bed.console.change_workspace(&operator(), id.clone(), 1, open).await.unwrap();
    let before = bed.room(&id).await;
    assert!(!before.uncovered.is_empty() && before.uncovered.iter().all(|one| one.since.is_none()));
    assert!(before.uncovered.iter().all(|one| !one.name.starts_with("kube-") && one.name != "velero"));
    let own = before.left_out.iter().find(|(left, _)| left.by == "Holdfast").unwrap();
    assert!(own.0.pattern.contains("velero"), "{own:?}");

    // It goes away, something is made meanwhile, it comes back.
    bed.fault("shop", Effect::Status { code: 500, reason: None, message: None, retry_after: None });
    reconnect(&bed, &connection).await;
    eventually("silence", async || (bed.home().await.silent == 1).then_some(())).await;
    let row = bed.row("Everything").await.unwrap();
    assert!(row.silent && matches!(row.now, NowAndNext::Silent { .. }), "{row:?}");
    assert_eq!(row.judgement.protection, Protection::Unknown);
    bed.namespace("shop", "brand-new");
    bed.clock.advance(5_000);
    bed.world.heal("shop");
    bed.console.retry_connection(&operator(), connection.clone()).await.unwrap();
    let late = eventually("the new namespace", async || {
        bed.room(&id).await.uncovered.into_iter().find(|one| one.name == "brand-new")
    })
    .await;
    assert!(late.since.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn palettes_own_workspaces_are_there_by_themselves() {
    let bed = Bed::observed().await;
    bed.world.seed_system("demo", "palette", &json!({"estate": "demo", "rate_limit": false})).unwrap();
    let palette = bed.connect_to("palette").await;
    bed.listed(&palette).await;
    let row = bed.row("stores").await.unwrap();
    assert_eq!((row.of.as_str(), row.rpo.0), ("Palette · 3 clusters", 24 * 3600));
    let view = bed.room(&row.id).await;
    assert_eq!(view.upstream.as_ref().map(|(id, ..)| id), Some(&palette));
    assert_eq!((view.version, view.draft.rules[0].subjects.as_str()), (0, "stores"));
    assert_eq!((view.matrix.rows.len(), view.matrix.columns.clone()), (3, vec!["orders".to_owned(), "web".to_owned()]));
    assert!(view.matrix.rows.iter().all(|row| row.cells == [MatrixCell::Nothing, MatrixCell::Nothing]));

    // Only the RPO and what is left out are ours.
    let (console, id) = (&bed.console, row.id.clone());
    let sooner = WorkspaceDraft { rpo: "12".into(), rpo_unit: Unit::Hours, ..view.draft.clone() };
    let refused = console
        .change_workspace(
            &operator(),
            id.clone(),
            0,
            WorkspaceDraft { name: "x".into(), rpo: "0".into(), ..sooner.clone() },
        )
        .await
        .unwrap_err();
    assert_eq!((refused.kind, paths(&refused)), (ErrorKind::Invalid, vec!["name", "rpo"]));
    let wider =
        WorkspaceDraft { rules: vec![RuleDraft { clusters: "*".into(), ..RuleDraft::default() }], ..sooner.clone() };
    assert_eq!(paths(&console.change_workspace(&operator(), id.clone(), 0, wider).await.unwrap_err()), ["rules"]);
    console.change_workspace(&operator(), id.clone(), 0, sooner.clone()).await.unwrap();
    let late =
        console.change_workspace(&admin(), id.clone(), 0, WorkspaceDraft { rpo: "6".into(), ..sooner.clone() }).await;
    let late = late.unwrap_err();
    assert_eq!(late.kind, ErrorKind::Conflict);
    assert!(late.message.contains("olga"), "{late}");
    let view = bed.room(&id).await;
    assert_eq!((view.row.rpo.0, view.version, view.row.name.as_str()), (12 * 3600, 1, "stores"));
    assert_eq!(console.delete_workspace(&operator(), id.clone()).await.unwrap_err().kind, ErrorKind::Conflict);

    // A definition over it tells its clusters one by one.
    let subject = bed.console.inventory(&operator(), palette.clone()).await.unwrap();
    let stores = subject.subjects.iter().find(|subject| subject.name == "stores").unwrap();
    let location = subject.locations[0].name.clone();
    let definition = DefinitionDraft {
        name: "stores-nightly".into(),
        connection: palette.0.clone(),
        scope: ScopeDraft {
            subject: Some(model::Named::new(&stores.id, &stores.name)),
            everything: true,
            ..ScopeDraft::default()
        },
        location,
        keep_for: "14".into(),
        scheduled: true,
        cron: "0 3 * * *".into(),
        ..DefinitionDraft::default()
    };
    let made = console.create_definition(&operator(), definition).await.unwrap();
    let view = bed.room(&id).await;
    assert_eq!(view.definitions.iter().map(|row| &row.id).collect::<Vec<_>>(), [&made]);
    assert!(view.uncovered.is_empty());
    let subjects: Vec<&str> = view.row.judgement.reasons.iter().map(|reason| reason.subject.as_str()).collect();
    assert!(subjects.contains(&"edge-basel-1"), "each cluster is judged: {:?}", view.row.judgement);

    bed.console.delete_definition(&operator(), made).await.unwrap();
    eventually("its removal", async || {
        bed.step().await;
        bed.home()
            .await
            .workspaces
            .iter()
            .all(|row| row.id != id || !matches!(row.now, NowAndNext::Next { .. }))
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_field_by_field_and_nothing_is_saved() {
    let bed = Bed::observed().await;
    let connection = bed.connect("shop").await;
    bed.listed(&connection).await;
    let console = &bed.console;
    let namespace =
        console.store().inventory_of(&connection).await.unwrap().unwrap().inventory.namespaces[0].name.clone();
    let good = draft("Shop", &connection, &namespace);
    let wrong = [
        (WorkspaceDraft::default(), vec!["name", "rpo", "rules"]),
        (WorkspaceDraft { rpo: "0".into(), ..good.clone() }, vec!["rpo"]),
        (WorkspaceDraft { rules: Vec::new(), ..good.clone() }, vec!["rules"]),
        (draft("Shop", &connection, "no-such-*"), vec!["rules.0.namespaces"]),
        (draft("Shop", &"gone".into(), &namespace), vec!["rules.0.connection"]),
        (
            WorkspaceDraft {
                left_out: vec![LeftOutDraft { pattern: "x".into(), reason: String::new() }],
                ..good.clone()
            },
            vec!["left_out.0.reason"],
        ),
    ];
    for (draft, expected) in wrong {
        let refused = console.create_workspace(&operator(), draft.clone()).await.unwrap_err();
        assert_eq!((refused.kind, paths(&refused)), (ErrorKind::Invalid, expected.clone()), "{draft:?}");
        let taken = console.taken(&viewer(), draft).await.unwrap();
        let told: Vec<&str> = taken.errors.iter().map(|error| error.path.as_str()).collect();
        assert_eq!(told, expected, "the form says the same");
    }
    assert!(bed.home().await.workspaces.is_empty());
    let id = console.create_workspace(&operator(), good.clone()).await.unwrap();
    let twice = console.create_workspace(&operator(), good.clone()).await.unwrap_err();
    assert_eq!((twice.kind, paths(&twice)), (ErrorKind::Invalid, vec!["name"]));

    let taken = console.taken(&viewer(), good.clone()).await.unwrap();
    assert_eq!((taken.errors.len(), taken.rules.len(), taken.rules[0].1), (0, 1, 1));
    assert_eq!(taken.rules[0].0, [format!("{namespace} on shop")]);

    // More rules than a workspace may have are one error, and only those within the bound are looked up.
    let many = WorkspaceDraft { rules: vec![good.rules[0].clone(); 400], ..good.clone() };
    let taken = console.taken(&viewer(), many).await.unwrap();
    assert_eq!((taken.errors[0].path.as_str(), taken.errors[0].code.as_str()), ("rules", "too-many"));
    assert_eq!(taken.rules.len(), 50);

    // Two people edit it.
    console
        .change_workspace(&operator(), id.clone(), 1, WorkspaceDraft { rpo: "12".into(), ..good.clone() })
        .await
        .unwrap();
    let late =
        console.change_workspace(&admin(), id.clone(), 1, WorkspaceDraft { rpo: "6".into(), ..good.clone() }).await;
    assert_eq!(late.unwrap_err().kind, ErrorKind::Conflict);
    let start = console.start_workspace(&operator(), Some(id.clone())).await.unwrap();
    assert_eq!((start.draft.rpo.as_str(), start.editing), ("12", Some((id.clone(), 2))));
    let fresh = console.start_workspace(&operator(), None).await.unwrap();
    assert_eq!((fresh.draft.rpo.as_str(), fresh.draft.rules.len(), fresh.connections.len()), ("24", 1, 1));

    console.delete_workspace(&operator(), id.clone()).await.unwrap();
    for gone in [
        console.delete_workspace(&operator(), id.clone()).await,
        console.change_workspace(&operator(), id.clone(), 2, good).await,
        console.start_workspace(&operator(), Some(id.clone())).await.map(|_| ()),
        console.workspace(&viewer(), id, String::new()).await.map(|_| ()),
    ] {
        assert_eq!(gone.unwrap_err().kind, ErrorKind::NotFound);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_outlives_its_last_connection() {
    let bed = Bed::observed().await;
    let connection = bed.connect("shop").await;
    bed.listed(&connection).await;
    let all = WorkspaceDraft {
        rules: vec![RuleDraft { connection: connection.0.clone(), ..RuleDraft::default() }],
        ..draft("Shop", &connection, "")
    };
    let id = bed.console.create_workspace(&operator(), all.clone()).await.unwrap();
    bed.console.remove_connection(&admin(), connection.clone()).await.unwrap();
    let view = bed.room(&id).await;
    assert_eq!(view.row.judgement.protection, Protection::Unknown);
    let said: Vec<&str> = view.row.judgement.reasons.iter().map(|reason| reason.sentence.as_str()).collect();
    assert!(said.contains(&"rule 1 takes nothing in: its connection was removed"), "{said:?}");
    assert!(view.matrix.rows.is_empty() && view.requests.is_empty());
    assert_eq!(view.draft.rules[0].connection, connection.0, "what was typed stays");
    let refused = bed.console.change_workspace(&operator(), id.clone(), 1, all.clone()).await.unwrap_err();
    assert_eq!((refused.kind, paths(&refused)), (ErrorKind::Invalid, vec!["rules.0.connection"]));
    assert_eq!(bed.console.taken(&viewer(), all).await.unwrap().rules, [(Vec::new(), 0)]);
    assert_eq!(bed.home().await.workspaces.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_silent_connection_slows_nobody() {
    let bed = Bed::observed().await;
    let (dead, alive) = (bed.connect("dead").await, bed.connect("alive").await);
    bed.listed(&dead).await;
    bed.listed(&alive).await;
    bed.fault("dead", Effect::Hang);
    reconnect(&bed, &dead).await;
    for (name, connection) in [("Dead", &dead), ("Alive", &alive)] {
        let all = WorkspaceDraft {
            rules: vec![RuleDraft { connection: connection.0.clone(), ..RuleDraft::default() }],
            ..draft(name, connection, "")
        };
        bed.console.create_workspace(&operator(), all).await.unwrap();
    }
    // Its reader waits for an answer that never comes; the other goes on, and so do pages.
    bed.console.store().raw("DELETE FROM inventories").await.unwrap();
    let third = bed.connect("third").await;
    tokio::time::timeout(Duration::from_secs(8), bed.listed(&third)).await.expect("it is read at once");
    let read = tokio::time::timeout(Duration::from_secs(5), bed.home()).await.expect("pages wait for no upstream");
    assert_eq!((read.workspaces.len(), read.connections), (2, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn these_pages_ask_no_upstream_either() {
    let bed = Bed::new().await;
    let connection = bed.connect("shop").await;
    let lists = bed.console.inventory(&operator(), connection.clone()).await.unwrap();
    bed.console.store().record_inventory(&connection, 1, &lists).await.unwrap();
    bed.define(&connection, "web-nightly").await;
    bed.step().await;
    bed.world.reset_calls("shop");
    let id = bed.console.create_workspace(&operator(), draft("Web", &connection, "web")).await.unwrap();
    bed.home().await;
    bed.room(&id).await;
    bed.console.start_workspace(&operator(), Some(id.clone())).await.unwrap();
    bed.console.taken(&viewer(), draft("Web", &connection, "*")).await.unwrap();
    bed.console.change_workspace(&operator(), id.clone(), 1, draft("Web 2", &connection, "web")).await.unwrap();
    bed.console.delete_workspace(&operator(), id).await.unwrap();
    bed.console.tally().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(bed.world.calls("shop")["total"], 0);
    assert!(bed.console.runs(&viewer(), RunFilter::default()).await.unwrap().rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn workspaces_are_an_operators_to_change() {
    let bed = Bed::new().await;
    let console = &bed.console;
    let nobody = Caller::default();
    for refused in [
        console.home(&nobody).await.map(|_| ()),
        console.workspace(&nobody, "w".into(), String::new()).await.map(|_| ()),
        console.taken(&nobody, WorkspaceDraft::default()).await.map(|_| ()),
        console.create_workspace(&nobody, WorkspaceDraft::default()).await.map(|_| ()),
        console.delete_workspace(&nobody, "w".into()).await,
    ] {
        assert_eq!(refused.unwrap_err().kind, ErrorKind::SignedOut);
    }
    for refused in [
        console.start_workspace(&viewer(), None).await.map(|_| ()),
        console.create_workspace(&viewer(), WorkspaceDraft::default()).await.map(|_| ()),
        console.change_workspace(&viewer(), "w".into(), 1, WorkspaceDraft::default()).await,
        console.delete_workspace(&viewer(), "w".into()).await,
    ] {
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Forbidden);
    }
}
