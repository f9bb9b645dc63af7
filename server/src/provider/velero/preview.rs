//! The review step: the object that would be sent, and the API server's own dry run of it.

use super::{
    Velero,
    act::{
        is_ours,
        schedules::{self, in_tier},
        taken,
    },
    client::{Group, Write, garbled},
    inventory,
    translate::{
        self,
        plan::{Live, Step, Wanted, plan},
        render, tiers,
    },
    wire::Backup,
};
use crate::provider::{ErrorKind, Owned, ProviderError, Rendered, render::NO_BODY};
use model::{
    Invalid,
    location::Location,
    view::{DryRun, PreviewRequest},
};
use serde_json::Value;

/// What is shown, and what the API server said of it.
#[derive(Default)]
struct Shown {
    requests: Vec<PreviewRequest>,
    accepted: bool,
    points: Vec<(bool, String)>,
    errors: Invalid,
}

/// Renders, then asks. What can't be asked is said in the dry run, not as an error.
pub async fn preview(velero: &Velero, owned: &Owned) -> Result<Rendered, ProviderError> {
    let began = tokio::time::Instant::now();
    let mut shown = Shown { accepted: true, ..Shown::default() };
    let objects = translate::schedules(owned, &velero.kube.namespace, velero.zones());
    if objects.is_empty() {
        single(velero, owned, &mut shown).await?;
    } else {
        let yaml: Vec<String> = objects.iter().map(render::yaml).collect();
        several(velero, owned, &yaml, &schedules::wanted(&objects)?, &mut shown).await;
    }
    let Shown { requests, accepted, mut points, errors } = shown;
    if let Ok(locations) = inventory::locations(&velero.kube).await {
        points.push(location(owned.definition.location.as_deref(), &locations));
    }
    let dry_run = DryRun {
        accepted,
        points,
        unknowns: vec![
            "Whether each namespace and kind exists when it runs: Velero takes what it finds.".into(),
            "Whether volumes can be taken in the chosen way: the first run shows it.".into(),
        ],
        took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    Ok(Rendered { requests, dry_run: Some(dry_run), errors })
}

/// A Schedule for each tier, and those that would go.
async fn several(velero: &Velero, owned: &Owned, yaml: &[String], wanted: &Wanted, shown: &mut Shown) {
    let kube = &velero.kube;
    let (live, found) = match schedules::live(kube, owned).await {
        Ok(live) => {
            let free = schedules::not_taken(kube, owned, wanted, &live).await;
            (live, free)
        }
        Err(error) => (Live::new(), Err(error)),
    };
    let todo = plan(owned, None, wanted, &live);
    for ((tier, object), yaml) in wanted.iter().zip(yaml) {
        let name = tiers::name(&owned.upstream_name, *tier);
        let step = todo.steps.iter().find(|step| matches!(step, Step::Change(at, _) if at == tier));
        let patch = step.and_then(|step| schedules::patch(wanted, step, None));
        let curl = match &patch {
            Some(patch) => changing(velero, &name, patch),
            None => creating(velero, "schedules", object),
        };
        let title = format!("Schedule {name}");
        shown.requests.push(PreviewRequest { title: title.clone(), yaml: yaml.clone(), curl });
        if found.is_err() {
            continue;
        }
        let answer = match &patch {
            Some(patch) => kube.patch("try the change", "schedules", &name, patch, Write::Dry).await,
            None if live.contains_key(tier) => Ok(Value::Null),
            None => kube.create("try the object", "schedules", object, Write::Dry).await,
        };
        shown.answered(&title, answer.map_err(|error| in_tier(*tier, error)), wanted.len() > 1);
    }
    if let Err(error) = found {
        shown.refused(error);
    }
    for step in &todo.steps {
        let Step::Delete(tier) = step else { continue };
        let name = tiers::name(&owned.upstream_name, *tier);
        let path = kube.object("schedules", &name);
        let curl = render::bare(&velero.settings, velero.by, "DELETE", &path);
        shown.points.push((true, format!("Schedule {name} would be deleted; its backups stay.")));
        let title = format!("Schedule {name}, deleted");
        shown.requests.push(PreviewRequest { title, yaml: NO_BODY.into(), curl });
    }
}

/// A single Backup is made once; nothing is sent for later versions.
async fn single(velero: &Velero, owned: &Owned, shown: &mut Shown) -> Result<(), ProviderError> {
    let (kube, name) = (&velero.kube, &owned.upstream_name);
    let backup = translate::backup(owned, name, &kube.namespace, "Holdfast");
    let (title, object) = (format!("Backup {name}"), value(&backup)?);
    let curl = creating(velero, "backups", &object);
    shown.requests.push(PreviewRequest { title: title.clone(), yaml: render::yaml(&backup), curl });
    let answer = match kube.read::<Backup>("read the object", &kube.object("backups", name)).await {
        Ok(live) if !is_ours(&live.metadata, owned) => Err(taken("try the object", "Backup", owned, name)),
        Ok(_) => Ok(Value::Null),
        Err(e) if e.kind == ErrorKind::NotFound => kube.create("try the object", "backups", &object, Write::Dry).await,
        Err(e) => Err(e),
    };
    shown.answered(&title, answer, false);
    Ok(())
}

impl Shown {
    /// What came of one dry run; `Null` where there was nothing to try. `named`: it is one of several.
    fn answered(&mut self, title: &str, answer: Result<Value, ProviderError>, named: bool) {
        match answer {
            Ok(Value::Null) => {
                self.points.push((true, format!("The cluster's {title} is as this already; nothing would be sent.")));
            }
            Ok(_) => {
                let what = if named { title } else { "it" };
                let said = format!("The API server accepts {what} (dryRun=All, fieldValidation=Strict).");
                self.points.push((true, said));
            }
            Err(error) => self.refused(error),
        }
    }

    fn refused(&mut self, error: ProviderError) {
        self.accepted = false;
        // The same refusal of each of several is said once.
        if self.points.iter().any(|(_, said)| *said == error.sentence) {
            return;
        }
        self.points.push((false, error.sentence.clone()));
        if error.kind == ErrorKind::Conflict {
            self.errors.push("name", "taken", error.sentence);
        } else {
            self.errors.0.extend(error.fields.0);
        }
    }
}

fn creating(velero: &Velero, plural: &str, object: &Value) -> String {
    let path = format!("{}{}", velero.kube.path(Group::Velero, plural), Write::Real.query());
    render::curl(&velero.settings, velero.by, "POST", &path, "application/json", object)
}

fn changing(velero: &Velero, name: &str, patch: &Value) -> String {
    let path = format!("{}{}", velero.kube.object("schedules", name), Write::Real.query());
    render::curl(&velero.settings, velero.by, "PATCH", &path, "application/merge-patch+json", patch)
}

fn value<T: serde::Serialize>(object: &T) -> Result<Value, ProviderError> {
    serde_json::to_value(object).map_err(|_| garbled("write the object"))
}

/// Whether backups can go where the definition sends them.
fn location(wanted: Option<&str>, all: &[Location]) -> (bool, String) {
    let found = match wanted {
        Some(name) => all.iter().find(|l| l.name == name),
        None => all.iter().find(|l| l.is_default).or_else(|| all.iter().find(|l| l.name == "default")),
    };
    match (found, wanted) {
        (Some(l), _) => match l.why_not() {
            None => (true, format!("The storage location {} is available.", l.name)),
            Some(why) => (false, format!("The storage location {} can't take backups: {why}", l.name)),
        },
        (None, Some(name)) => (false, format!("There is no storage location {name}.")),
        (None, None) => (false, "The cluster has no default storage location; choose one.".into()),
    }
}
