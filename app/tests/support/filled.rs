//! One installation with something in every list, and things that were never told.

use super::{
    rooms,
    support::{NOW, Stub, connection, point, silent},
};
use model::{
    account::{Role, SessionSeen, User},
    connection::Health,
    definition::{Definition, Retention, Schedule, Standing, TimelineEntry, Volumes},
    duration::Seconds,
    label::{Operator, Requirement},
    location::{Location, LocationState},
    recovery::{Deletion, PointState},
    restore::Restore,
    run::*,
    scope::Scope,
    view::*,
    *,
};

const HOUR: i64 = 3_600_000;

/// A definition that is applied and whose newest run was whole.
pub fn row() -> DefinitionRow {
    DefinitionRow {
        id: "d1".into(),
        name: "shop-nightly".into(),
        connection: "c1".into(),
        connection_name: "velero-zrh".into(),
        kind: connection().kind,
        scope: "shop, shop-db".into(),
        schedule: Some("Every day at 02:30".into()),
        zone: Some("Europe/Zurich".into()),
        paused: false,
        paused_by: None,
        standing: Standing::Applied,
        next_run: NextRun::At(NOW.plus(18 * HOUR)),
        last_run: Some(LastRun {
            id: "r1".into(),
            phase: Phase::Succeeded,
            picked_up: true,
            at: Some(NOW.plus(-5 * HOUR)),
            progress: None,
        }),
        newest_good: Some(NOW.plus(-5 * HOUR)),
        health: Health::Answers,
        last_seen: Some(NOW.plus(-2_000)),
        follows: None,
        version: 4,
    }
}

pub fn run(id: &str, phase: Phase, raw: &str) -> Run {
    Run {
        id: id.into(),
        connection: "c1".into(),
        definition: Some("d1".into()),
        name: format!("shop-nightly-{id}"),
        phase,
        raw_phase: raw.into(),
        trigger: Trigger::Schedule,
        created: Some(NOW.plus(-5 * HOUR)),
        started: Some(NOW.plus(-5 * HOUR)),
        ended: Some(NOW.plus(-4 * HOUR)),
        detail: RunDetail {
            items: Some(Progress { done: 4207, total: Some(4210) }),
            errors: Some(0),
            warnings: Some(2),
            ..RunDetail::default()
        },
        observed: NOW.plus(-2_000),
        gone: false,
    }
}

/// A run of which the upstream tells its name and a word that nobody knows.
pub fn mute_run() -> Run {
    Run {
        trigger: Trigger::Elsewhere,
        definition: None,
        created: None,
        started: None,
        ended: None,
        detail: RunDetail::default(),
        ..run("r9", Phase::Unknown("Calibrating".into()), "Calibrating")
    }
}

pub fn run_view(run: Run) -> RunView {
    RunView {
        logs_why_not: None,
        definition_name: run.definition.as_ref().map(|_| "shop-nightly".into()),
        run,
        connection_name: "velero-zrh".into(),
        health: Health::Answers,
        point: None,
        cancel_why_not: Some("Velero cannot cancel a backup.".into()),
        waiting: None,
    }
}

pub fn run_row(run: Run) -> RunRow {
    RunRow {
        definition_name: run.definition.as_ref().map(|_| "shop-nightly".into()),
        run,
        connection_name: "velero-zrh".into(),
        silent: false,
    }
}

pub fn restore(phase: Phase, raw: &str) -> RestoreView {
    RestoreView {
        logs_why_not: None,
        restore: Restore {
            id: "s1".into(),
            connection: "c1".into(),
            point: Some("id-shop-nightly-1".into()),
            point_name: "shop-nightly-1".into(),
            name: "shop-nightly-1-20261029".into(),
            phase,
            raw_phase: raw.into(),
            asked_by: Some("ines".into()),
            created: Some(NOW.plus(-HOUR)),
            started: Some(NOW.plus(-HOUR)),
            ended: None,
            mapping: vec![("shop".into(), "shop-copy".into())],
            detail: RunDetail::default(),
            observed: NOW,
            gone: false,
            waiting: None,
        },
        connection_name: "velero-zrh".into(),
        health: Health::Answers,
    }
}

pub fn detail() -> DefinitionDetail {
    DefinitionDetail {
        row: row(),
        definition: Definition {
            further: Vec::new(),
            policy: None,
            name: "shop-nightly".into(),
            connection: "c1".into(),
            scope: Scope {
                namespaces: vec!["shop".into(), "shop-db".into()],
                selectors: vec![vec![Requirement {
                    key: "tier".into(),
                    operator: Operator::In,
                    values: vec!["web".into()],
                }]],
                ..Scope::default()
            },
            location: None,
            volumes: Volumes::SnapshotMoved,
            retention: Retention { keep_for: Some(Seconds(14 * 86_400)), ..Retention::default() },
            schedule: Some(Schedule { cron: "30 2 * * *".into(), zone: Some("Europe/Zurich".into()) }),
            paused: false,
        },
        capabilities: super::support::velero(),
        applied_version: 4,
        upstream_name: "shop-nightly-7b1a9c".into(),
        updated_by: "ines".into(),
        updated_at: NOW.plus(-48 * HOUR),
        next_runs: vec![NOW.plus(18 * HOUR)],
        runs: vec![run("r1", Phase::Succeeded, "Completed"), mute_run()],
        points: vec![point("shop-nightly-1", PointState::Whole)],
        timeline: vec![TimelineEntry {
            at: NOW.plus(-48 * HOUR),
            kind: "saved".into(),
            sentence: "Saved version 4.".into(),
            actor: Some("ines".into()),
        }],
        points_left: 3,
    }
}

fn page_of<T>(rows: Vec<T>) -> Page<T> {
    let total = rows.len() as u64;
    Page { rows, next: Some("k2".into()), previous: None, total: total + 40 }
}

/// Everything, well but for what says otherwise.
pub fn lived_in() -> Stub {
    let mut odd = point("foreign-1", PointState::Unknown("Sublimating".into()));
    (odd.taken, odd.expires, odd.location, odd.items) = (None, None, None, None);
    odd.namespaces.clear();
    odd.deletion = Some(Deletion { asked_by: "ines".into(), at: NOW, error: Some("the location is read-only".into()) });
    let point_row =
        |point| PointRow { point, definition_name: None, connection_name: "velero-zrh".into(), silent: false };
    super::library::filled(Stub {
        locations: vec![
            location("zrh-minio", LocationState::Available),
            location("odd-minio", LocationState::Unknown("Warming".into())),
        ],
        home: rooms::home(),
        workspace: Some(rooms::storefront()),
        start_workspace: rooms::start(),
        definitions: DefinitionList {
            page: page_of(vec![row()]),
            all: 41,
            attention: 1,
            paused: 0,
            connections: vec![("c1".into(), "velero-zrh".into())],
        },
        definition: Some(detail()),
        runs: page_of(vec![run_row(run("r1", Phase::Succeeded, "Completed")), run_row(going()), run_row(mute_run())]),
        run: Some(RunView {
            point: Some(point("shop-nightly-1", PointState::Whole)),
            ..run_view(run("r1", Phase::Succeeded, "Completed"))
        }),
        points: page_of(vec![point_row(point("shop-nightly-1", PointState::Whole)), point_row(odd)]),
        point: Some(PointView {
            delete_why_not: None,
            point: point("shop-nightly-1", PointState::Whole),
            definition_name: None,
            connection_name: "velero-zrh".into(),
            health: Health::Answers,
        }),
        restores: page_of(vec![restore(Phase::Succeeded, "Completed")]),
        restored: Some(restore(Phase::Running, "InProgress")),
        users: vec![user("u", "maria", Role::Administrator), user("u2", "ines", Role::Operator)],
        sessions: vec![session("s", true), session("s2", false)],
        ..Stub::default()
    })
}

/// A run under way.
pub fn going() -> Run {
    let mut run = run("r2", Phase::Running, "InProgress");
    run.ended = None;
    run.detail.items = Some(Progress { done: 50, total: Some(200) });
    (run.detail.errors, run.detail.warnings) = (None, None);
    run.detail.steps = vec![RunStep {
        title: "Collecting objects".into(),
        phase: Phase::Running,
        began: Some(NOW.plus(-60_000)),
        ended: None,
    }];
    run.detail.volumes = vec![VolumeRow {
        name: "shop-db/data-0".into(),
        method: "CSI snapshot, moved".into(),
        phase: Phase::Unknown("Defrosting".into()),
        raw_phase: "Defrosting".into(),
        bytes: None,
        began: None,
        ended: None,
        message: None,
    }];
    run
}

fn location(name: &str, state: LocationState) -> Location {
    Location {
        name: name.into(),
        is_default: false,
        read_only: false,
        state,
        message: None,
        place: "bucket velero at minio.example".into(),
    }
}

fn user(id: &str, name: &str, role: Role) -> User {
    User { id: id.into(), name: name.into(), role, disabled: false, created: NOW.plus(-HOUR), last_sign_in: None }
}

fn session(id: &str, current: bool) -> SessionSeen {
    SessionSeen {
        id: id.into(),
        current,
        began: NOW.plus(-HOUR),
        last_used: NOW,
        expires: NOW.plus(11 * HOUR),
        browser: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into(),
        address: "10.0.0.7".into(),
    }
}

/// The same, and nobody has heard of the connection for ten minutes.
pub fn gone_silent() -> Stub {
    let mut stub = lived_in();
    for connection in &mut stub.connections {
        connection.health = silent();
        connection.last_seen = Some(NOW.plus(-600_000));
    }
    let aged = |row: &mut DefinitionRow| {
        row.health = silent();
        row.last_seen = Some(NOW.plus(-600_000));
    };
    rooms::silenced(&mut stub.home);
    if let Some(room) = &mut stub.workspace {
        let mut alone = Home { workspaces: vec![room.row.clone()], ..Home::default() };
        rooms::silenced(&mut alone);
        room.row = alone.workspaces.remove(0);
        room.definitions.iter_mut().for_each(aged);
    }
    stub.definitions.page.rows.iter_mut().for_each(aged);
    if let Some(detail) = &mut stub.definition {
        aged(&mut detail.row);
    }
    stub.runs.rows.iter_mut().for_each(|row| row.silent = true);
    stub.points.rows.iter_mut().for_each(|row| row.silent = true);
    if let Some(view) = &mut stub.run {
        view.health = silent();
        view.run.observed = NOW.plus(-600_000);
    }
    if let Some(view) = &mut stub.point {
        view.health = silent();
        view.point.observed = NOW.plus(-600_000);
    }
    if let Some(view) = &mut stub.restored {
        view.health = silent();
        view.restore.observed = NOW.plus(-600_000);
    }
    stub.restores.rows.iter_mut().for_each(|row| row.health = silent());
    stub
}
