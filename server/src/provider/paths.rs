//! Paths of fields in an upstream's document, `spec.template.ttl`, where what is compared are JSON documents.

use model::definition::Drift;

/// Of what a write would undo, the part that somebody changed: fields that meet one of `changed`.
pub fn changed_among(mut undone: Vec<Drift>, changed: &[Drift]) -> Vec<Drift> {
    undone.retain(|field| changed.iter().any(|other| overlap(&other.field, &field.field)));
    undone
}

/// Whether one path is the other or lies within it.
pub fn overlap(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
