//! What of a definition Palette can't hold, by field of the draft. What is let through is held exactly.

use crate::provider::palette::{
    capabilities::capabilities,
    generation::{ALL_OR_NONE, Generation},
};
use model::{Invalid, capability::Support, definition::Definition};

/// Everything that can't be expressed, each with what to do.
pub fn express(definition: &Definition, generation: Option<Generation>) -> Invalid {
    let can = capabilities(generation);
    let (scope, retention) = (&definition.scope, &definition.retention);
    let mut invalid = Invalid::default();
    let mut refuse = |wanted: bool, path: &str, support: &Support| {
        if let (true, Some(why)) = (wanted, support.why_not()) {
            invalid.push(path, "refused", why);
        }
    };
    refuse(!scope.except_namespaces.is_empty(), "scope.except_namespaces", &can.except_namespaces);
    refuse(!scope.selectors.is_empty(), "scope.selectors", &can.labels);
    refuse(!scope.resources.is_empty(), "scope.resources", &can.kinds);
    refuse(!scope.except_resources.is_empty(), "scope.except_resources", &can.kinds);
    refuse(retention.keep_last.is_some(), "keep_last", &can.keep_last);
    refuse(retention.keep_at_least.is_some(), "keep_at_least", &can.keep_at_least);
    refuse(retention.keep_snapshots.is_some(), "keep_snapshots", &can.keep_snapshots);
    refuse(!definition.further.is_empty(), "further.0.cron", &can.tiers);
    refuse(definition.policy.is_some(), "policy", &can.policies);
    if let Some(support) = can.takes(definition.volumes) {
        refuse(true, "volumes", support);
    }
    let zone = definition.schedule.as_ref().and_then(|s| s.zone.as_deref());
    refuse(zone.is_some_and(|zone| zone != "UTC"), "zone", &can.time_zone);
    for (i, namespace) in scope.namespaces.iter().enumerate() {
        refuse(namespace.contains(['*', '?']), &format!("scope.namespaces.{i}"), &can.namespace_patterns);
    }
    if scope.subject.is_none() {
        invalid.push("scope.subject", "required", "Choose the workspace that is protected.");
    }
    if let Some(schedule) = &definition.schedule
        && let Err(sentence) = cron(&schedule.cron)
    {
        invalid.push("cron", "refused", sentence);
    }
    match retention.keep_for {
        None => invalid.push("keep_for", "required", "Say for how long: Palette does not tell what happens otherwise."),
        Some(age) if age.0 < 3600 || !age.0.is_multiple_of(3600) => {
            invalid.push("keep_for", "refused", "Palette keeps for whole hours; give a whole number of them.");
        }
        Some(_) => {}
    }
    if definition.location.is_none() {
        invalid.push("location", "required", "Choose a backup location: a policy of Palette's names one.");
    }
    if generation == Some(Generation::Flag) && Generation::Flag.say(scope.cluster_objects).is_none() {
        invalid.push("scope.cluster_objects", "refused", ALL_OR_NONE);
    }
    if definition.paused && definition.schedule.is_none() {
        invalid.push("paused", "unscheduled", "Only a schedule can be paused; this definition has none.");
    }
    invalid
}

/// Whether Palette's schedule can be this. Its dialect is not published; every example has five fields, so nothing else is sent.
pub fn cron(text: &str) -> Result<(), String> {
    if text.starts_with('@') {
        return Err(format!("Palette's schedules have five fields; write 0 0 * * * for every midnight, not {text}."));
    }
    model::cron::parse(text).map(|_| ())
}
