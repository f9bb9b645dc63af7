//! What the stub answers: one installation, lived in.

use model::{
    capability::{Capabilities, RestoreCapabilities, Support},
    connection::*,
    definition::Volumes,
    draft::{DefinitionDraft, ScopeDraft},
    duration::Unit,
    recovery::{PointDetail, PointState, RecoveryPoint},
    view::*,
    *,
};

/// The moment of every page: 2026-10-29T07:41:39Z.
pub const NOW: Millis = Millis(1_793_259_699_000);

/// What Velero can and can't.
pub fn velero() -> Capabilities {
    let (yes, no) = (|| Support::yes(""), Support::no);
    Capabilities {
        namespaces: yes(),
        namespace_patterns: Support::yes("Velero reads patterns since 1.18."),
        except_namespaces: yes(),
        labels: yes(),
        label_logic: yes(),
        kinds: yes(),
        cluster_objects: yes(),
        apps: no("Velero knows no apps. Name its labels below."),
        instances: no("Velero protects Kubernetes objects."),
        volumes: Volumes::ALL.into_iter().map(|choice| (choice, yes())).collect(),
        location: yes(),
        time_zone: yes(),
        keep_for: yes(),
        keep_last: no("Velero keeps by age alone."),
        schedules: yes(),
        unscheduled: yes(),
        pause: yes(),
        resume_quietly: yes(),
        resume_at_once: yes(),
        cancel_run: no("Velero cannot cancel a backup."),
        delete_point: yes(),
        logs: yes(),
        dry_run: yes(),
        restore: RestoreCapabilities {
            namespaces: yes(),
            map_namespaces: yes(),
            beside: yes(),
            update_existing: yes(),
            volumes: yes(),
            node_ports: yes(),
            ..RestoreCapabilities::none("Velero can't do that.")
        },
        ..Capabilities::none("Velero can't do that.")
    }
}

/// What the connection form asks.
pub fn systems() -> Vec<SystemForm> {
    ProviderKind::ALL
        .into_iter()
        .map(|kind| SystemForm {
            kind,
            address: FieldText::new("API server", "https://api.cluster.example:6443", ""),
            credential: FieldText::new("Bearer token", "", "Of a service account with the rights below."),
            kubeconfig: kind == ProviderKind::Velero,
            account: (kind == ProviderKind::Astra).then(|| FieldText::new("Account id", "", "Beside the token.")),
            namespace: (kind == ProviderKind::Velero)
                .then(|| FieldText::new("Velero's namespace", "velero", "").starting("velero")),
            variant: (kind == ProviderKind::Waldur).then(|| {
                let choices = [("", "Found out"), ("g2", "The second"), ("g5", "The fifth")];
                let text = FieldText::new("Generation", "", "Which of its contracts it speaks.");
                (text, choices.map(|(value, word)| (value.to_owned(), word.to_owned())).into())
            }),
            tests: format!("It looks {} up and says where it stops.", kind.word()),
            guide: Guide { text: "It makes a service account:".into(), code: "kubectl apply -f rbac.yaml".into() },
        })
        .collect()
}

pub fn connection() -> Connection {
    Connection {
        id: "c1".into(),
        name: "velero-zrh".into(),
        kind: ProviderKind::Velero,
        address: "https://api.zrh.example:6443".into(),
        namespace: "velero".into(),
        account: String::new(),
        variant: String::new(),
        ca: "-----BEGIN CERTIFICATE-----".into(),
        credential_kind: "bearer token".into(),
        health: Health::Answers,
        version: Some("v1.18.0".into()),
        platform: Some("Kubernetes v1.34.4".into()),
        latency_ms: Some(12),
        last_seen: Some(NOW),
        definitions: 1,
        version_number: 3,
    }
}

pub fn silent() -> Health {
    Health::Silent {
        reason: "connection refused.".into(),
        remedy: "Look whether the API server runs.".into(),
        since: NOW.plus(-600_000),
        tries: 4,
        next_try: None,
    }
}

pub fn wizard_start() -> WizardStart {
    let offered = |id: &str, name: &str, health| WizardConnection {
        id: id.into(),
        name: name.into(),
        kind: ProviderKind::Velero,
        health,
        capabilities: velero(),
    };
    WizardStart {
        draft: DefinitionDraft {
            name: "shop-nightly".into(),
            connection: "c1".into(),
            scope: ScopeDraft { namespaces: vec!["shop".into(), "shop-*".into()], ..ScopeDraft::default() },
            volumes: Volumes::SnapshotMoved,
            keep_for: "14".into(),
            keep_unit: Unit::Days,
            scheduled: true,
            cron: "30 2 * * *".into(),
            zone: "Europe/Zurich".into(),
            ..DefinitionDraft::default()
        },
        connections: vec![offered("c1", "velero-zrh", Health::Answers), offered("c2", "velero-ber", silent())],
        editing: None,
        zones: vec!["Europe/Zurich".into(), "UTC".into()],
    }
}

pub fn point(name: &str, state: PointState) -> RecoveryPoint {
    RecoveryPoint {
        id: PointId(format!("id-{name}")),
        connection: "c1".into(),
        definition: None,
        run: None,
        name: name.into(),
        state,
        taken: Some(NOW.plus(-3_600_000)),
        expires: Some(NOW.plus(86_400_000)),
        location: Some("zrh-minio".into()),
        namespaces: vec!["shop".into(), "shop-db".into()],
        items: Some(4207),
        detail: PointDetail::default(),
        observed: NOW,
        deletion: None,
    }
}

pub fn restore_start() -> RestoreStart {
    RestoreStart {
        point: point("shop-nightly-1", PointState::Partial),
        connection_name: "velero-zrh".into(),
        health: Health::Answers,
        capabilities: velero(),
        better: Some(point("shop-nightly-0", PointState::Whole)),
    }
}
