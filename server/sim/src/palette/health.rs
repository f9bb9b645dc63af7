//! Reachability, the caller, and the projects.

use serde_json::{Value, json};

use super::Palette;
use super::refusal::{Outcome, Refusal};
use super::routes::Call;
use crate::rest::Answer;

pub(super) fn healthy(_: &mut Palette, _: &Call<'_>) -> Outcome<Answer> {
    Ok(Answer::json(200, &json!({"healthy": true})))
}

pub(super) fn me(palette: &mut Palette, _: &Call<'_>) -> Outcome<Answer> {
    let created = palette.tenant.projects.first().map_or(palette.now, |project| project.created);
    let mut metadata = json!({"uid": palette.user(), "name": "backup-console", "labels": {}, "annotations": {}});
    palette.put_time(&mut metadata, "creationTimestamp", Some(created));
    let spec =
        json!({"emailId": "backup-console@example.com", "firstName": "Backup", "lastName": "Console", "roles": []});
    Ok(palette.tell(200, json!({"metadata": metadata, "spec": spec, "status": {"isActive": true}})))
}

pub(super) fn projects(palette: &mut Palette, _: &Call<'_>) -> Outcome<Answer> {
    let items: Vec<Value> = palette
        .tenant
        .projects
        .iter()
        .map(|project| json!({"metadata": {"uid": project.uid, "name": project.name}}))
        .collect();
    Ok(palette.tell(200, json!({"items": items})))
}

pub(super) fn project(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let project = palette.tenant.projects.iter().find(|project| project.uid == call.arg(0));
    let project = project.ok_or_else(Refusal::missing)?;
    let mut metadata = json!({"uid": project.uid, "name": project.name, "labels": {}, "annotations": {}});
    palette.put_time(&mut metadata, "creationTimestamp", Some(project.created));
    Ok(palette.tell(200, json!({"metadata": metadata, "spec": {}, "status": {"isDisabled": false}})))
}
