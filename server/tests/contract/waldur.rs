//! Waldur on its simulator, once for each generation. The newest has no schedules, so that nothing declares anything there and
//! applying is a run: it plays the cases that count neither.

use crate::{
    dice::Words,
    simulator::Sim,
    stage::{Crowd, Stage, owned},
    states::{self, State},
};
use model::{
    ConnectionId, Phase,
    connection::ConnectionDraft,
    definition::{Definition, Retention, Schedule, Volumes},
    duration::Seconds,
    named::Named,
    restore::RestoreOrder,
    scope::Scope,
};
use serde_json::{Value, json};
use server::provider::{Owned, PointSeen};

mod g2 {
    suite!(super::Waldur<2>);
}
mod g3 {
    suite!(super::Waldur<3>);
}
mod g4 {
    suite!(super::Waldur<4>);
}
mod g5 {
    suite!(@each super::Waldur<5>;
        applying::an_unscheduled_definition_is_one_backup,
        applying::a_preview_changes_nothing,
        running::runs_end_as_their_system_says,
        running::every_state_word_has_its_phase,
        running::three_pages_are_read_whole,
        restoring::a_restore_runs_to_its_end,
        restoring::a_restore_that_fails_is_told,
        restoring::a_point_is_deleted_once,
        faults::every_fault_has_its_kind,
        faults::a_time_out_ends_in_time,
        faults::a_redirect_is_not_followed,
        faults::a_credential_that_is_repeated_goes_no_further,
        faults::observing_ends_with_what_stays,
        checking::a_healthy_connection_passes,
        checking::each_way_to_fail_has_its_sentence,
        surviving::what_is_refused_names_a_field,
    );
}

const DAY: u64 = 86_400;
/// One of the estate, in a project with room for many backups.
const INSTANCE: &str = "checkout-db-1";

pub struct Waldur<const GENERATION: u8>(Sim);

impl<const GENERATION: u8> Waldur<GENERATION> {
    const OLD: bool = GENERATION == 2;
    /// Its words are written in capitals.
    const LOUD: bool = GENERATION == 5;

    /// The word as this generation writes it.
    fn word(word: &str) -> String {
        if Self::LOUD { word.to_uppercase().replace(' ', "_") } else { word.to_owned() }
    }

    /// As a connection that was tested before it was stored: its generation is known.
    async fn with(mut options: Value) -> Self {
        options["generation"] = json!(format!("G{GENERATION}"));
        options["history_days"] = json!(0);
        let sim = Sim::open("waldur", &options).await;
        sim.provider.check().await;
        Self(sim)
    }

    fn all(&self, list: &str) -> Vec<Value> {
        self.0.state()[list].as_array().cloned().unwrap_or_default()
    }

    fn instance(&self) -> Value {
        self.all("instances").into_iter().find(|i| i["name"] == INSTANCE).unwrap()
    }

    fn schedule(&self, owned: &Owned) -> Value {
        self.all("schedules").into_iter().find(|s| says(s, owned)).unwrap_or_default()
    }

    /// A call past the provider, as somebody else makes it.
    fn call(&self, method: reqwest::Method, path: &str, body: &Value) -> Value {
        let path = if GENERATION == 3 { path.replace("openstack-", "openstacktenant-") } else { path.to_owned() };
        let url = format!("{}{path}", self.0.draft.address);
        let token = format!("Token {}", self.0.draft.credential);
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                let client = reqwest::Client::builder().no_proxy().build().unwrap();
                let request = client.request(method, url).header("authorization", token);
                let answer = request.header("content-type", "application/json").body(body.to_string()).send().await;
                let text = answer.unwrap().error_for_status().unwrap().text().await.unwrap();
                serde_json::from_str(&text).unwrap_or_default()
            })
        })
    }

    fn put(&self, owned: &Owned, word: &str, fields: Value) -> String {
        let mut fields = fields;
        fields["state"] = json!(word);
        fields["description"] = json!(format!("Asked for by eve (Holdfast {} {})", owned.id, fields["order"].take()));
        fields.as_object_mut().unwrap().remove("order");
        let made = self.0.command("put", json!({"resource": "backups", "instance": INSTANCE, "fields": fields}));
        made["uuid"].as_str().unwrap().to_owned()
    }
}

fn says(object: &Value, owned: &Owned) -> bool {
    object["description"].as_str().is_some_and(|text| text.contains(owned.id.as_str()))
}

/// What somebody wrote: the rest Waldur writes itself.
fn written(object: &Value) -> Value {
    let fields = [
        "uuid",
        "name",
        "description",
        "instance",
        "schedule",
        "timezone",
        "retention_time",
        "maximal_number_of_backups",
        "maximal_number_of_resources",
        "is_active",
    ];
    Value::Object(fields.into_iter().map(|field| (field.to_owned(), object[field].clone())).collect())
}

impl<const GENERATION: u8> Stage for Waldur<GENERATION> {
    async fn open() -> Self {
        Self::with(json!({})).await
    }

    async fn crowd() -> (Self, Crowd) {
        let stage = Self::with(json!({"page_cap": 10})).await;
        let owned = stage.owned("crowd");
        for n in 0..33 {
            stage.put(&owned, if Self::OLD { "Ready" } else { "OK" }, json!({"order": n, "name": format!("b-{n:02}")}));
        }
        (stage, Crowd::Runs(33))
    }

    async fn without_the_product() -> (Self, ConnectionDraft) {
        let stage = Self::with(json!({})).await;
        let routes = r#"{"projects": "https://waldur.example/api/projects/"}"#;
        let effect = json!({"kind": "raw", "code": 200, "content_type": "application/json", "body": routes});
        stage.0.fault(json!([{"effect": effect}]));
        let draft = stage.0.draft.clone();
        (stage, draft)
    }

    fn sim(&self) -> &Sim {
        &self.0
    }

    fn owned(&self, stem: &str) -> Owned {
        let instance = self.instance()["uuid"].as_str().unwrap().to_owned();
        let owned = owned(
            stem,
            Definition {
                name: String::new(),
                connection: ConnectionId::from("c"),
                scope: Scope { subject: Some(Named::new(instance, INSTANCE)), ..Scope::default() },
                location: None,
                volumes: Volumes::Snapshot,
                retention: Retention { keep_for: Some(Seconds(14 * DAY)), keep_last: Some(30), ..Retention::default() },
                schedule: Some(Schedule { cron: "0 0 1 1 *".into(), zone: Some("Europe/Zurich".into()) }),
                further: Vec::new(),
                policy: None,
                paused: false,
            },
        );
        if Self::LOUD { self.unscheduled(&owned) } else { owned }
    }

    fn edited(&self, owned: &Owned) -> Owned {
        let mut owned = owned.clone();
        owned.version += 1;
        if Self::LOUD {
            owned.definition.retention.keep_for = Some(Seconds(7 * DAY));
            return owned;
        }
        owned.definition.schedule = Some(Schedule { cron: "0 1 2 2 *".into(), zone: Some("UTC".into()) });
        owned
    }

    fn unscheduled(&self, owned: &Owned) -> Owned {
        let mut owned = owned.clone();
        owned.definition.schedule = None;
        // No schedule, nothing that counts; and the oldest keeps single backups for ever.
        owned.definition.retention =
            Retention { keep_for: (!Self::OLD).then_some(Seconds(14 * DAY)), ..Retention::default() };
        owned
    }

    fn objects(&self, owned: &Owned) -> Vec<Value> {
        let single = format!("{} {})", owned.id, owned.upstream_name);
        let backups = self.all("backups").into_iter();
        let singles = backups.filter(|b| b["description"].as_str().is_some_and(|text| text.ends_with(&single)));
        let schedules = self.all("schedules").into_iter().filter(|s| says(s, owned));
        schedules.chain(singles).map(|object| written(&object)).collect()
    }

    fn drift(&self, owned: &Owned) -> Definition {
        let uuid = self.schedule(owned)["uuid"].as_str().unwrap().to_owned();
        let path = format!("/api/openstack-backup-schedules/{uuid}/");
        self.call(reqwest::Method::PATCH, &path, &json!({"retention_time": 3}));
        let mut meant = owned.definition.clone();
        meant.retention.keep_for = Some(Seconds(3 * DAY));
        meant
    }

    fn unmark(&self, owned: &Owned) {
        let uuid = self.schedule(owned)["uuid"].as_str().unwrap().to_owned();
        let path = format!("/api/openstack-backup-schedules/{uuid}/");
        self.call(reqwest::Method::PATCH, &path, &json!({"description": "ours now"}));
    }

    fn foreign(&self, owned: &Owned) -> bool {
        let instance = self.instance();
        let mut body = json!({"schedule": "0 3 * * *", "retention_time": 1, "timezone": "UTC"});
        if Self::OLD {
            body["maximal_number_of_backups"] = json!(3);
            body["instance"] = format!("{}{}", self.0.draft.address, instance["url"].as_str().unwrap()).into();
            body["description"] = json!(owned.upstream_name);
            self.call(reqwest::Method::POST, "/api/openstack-backup-schedules/", &body);
        } else {
            body["maximal_number_of_resources"] = json!(3);
            body["name"] = json!(owned.upstream_name);
            let uuid = instance["uuid"].as_str().unwrap();
            let path = format!("/api/openstack-instances/{uuid}/create_backup_schedule/");
            self.call(reqwest::Method::POST, &path, &body);
        }
        true
    }

    fn foreign_now(&self, owned: &Owned) -> Value {
        let named =
            |s: &Value| s["name"] == owned.upstream_name.as_str() || s["description"] == owned.upstream_name.as_str();
        self.all("schedules").iter().find(|s| named(s) && !says(s, owned)).map(written).unwrap_or_default()
    }

    fn endings(&self) -> Vec<(&'static str, Phase)> {
        let mut all = vec![("good", Phase::Succeeded), ("refused", Phase::Failed), ("erred", Phase::Failed)];
        if Self::OLD {
            all.push(("quota", Phase::Failed));
        }
        all
    }

    fn next_run_ends(&self, _owned: &Owned, way: &str) {
        self.0.command("outcome", json!({"next": way, "on": "backup", "instance": INSTANCE}));
    }

    fn states(&self) -> &'static [State] {
        match GENERATION {
            2 => states::WALDUR_G2,
            5 => states::WALDUR_G5,
            _ => states::WALDUR_G4,
        }
    }

    fn invent(&self, owned: &Owned, word: &str) -> String {
        let (state, rest) = word.split_once(" (").unwrap_or((word, ""));
        let mut fields = json!({"order": word.len(), "name": format!("in {word}")});
        // Long ago: what is young and without snapshots may not have begun.
        fields["created_at"] = json!("2026-01-03T02:00:00.000Z");
        if Self::OLD && rest.is_empty() && !matches!(state, "Backing up" | "Erred") {
            fields["metadata"] = json!({"system_snapshot_id": "5a", "system_snapshot_size": 20480});
        }
        self.put(owned, state, fields)
    }

    fn bare(&self, owned: &Owned) {
        self.put(
            owned,
            &Self::word(if Self::OLD { "Backing up" } else { "Creating" }),
            json!({"order": "bare", "kept_until": null}),
        );
    }

    fn restore_order(&self, point: &PointSeen) -> RestoreOrder {
        // Without a flavour it has the instance's own.
        RestoreOrder {
            point: "p".into(),
            point_name: point.name.clone(),
            subject: point.detail.subject.clone(),
            ..RestoreOrder::default()
        }
    }

    fn fail_restore(&self, _order: &mut RestoreOrder) {
        self.0.command("outcome", json!({"next": "refused", "on": "restore", "instance": INSTANCE}));
    }

    fn words(&self) -> Words {
        let mut words = Words {
            crons: vec![
                "30 2 * * *",
                "0 3 * * 1",
                "15 4 1 * *",
                "0 * * * *",
                "@daily",
                "15 */6 * * *",
                "45 22 * * 1-5",
            ],
            zones: vec![Some("Europe/Zurich"), Some("UTC"), Some("Asia/Kathmandu"), None],
            ..Words::default()
        };
        words.ages.push(Some(DAY));
        words
    }
}
