//! What the wizard offers: the instances that the account sees.

use super::{
    Waldur,
    generation::{Generation, Resource},
    wire::Instance,
};
use crate::provider::ProviderError;
use model::connection::{Inventory, SubjectSeen};

/// Reads it live.
pub async fn inventory(waldur: &Waldur) -> Result<Inventory, ProviderError> {
    let generation = waldur.generation().await?;
    let path = generation.list(Resource::Instances);
    let rows: Vec<Instance> = waldur.api.list("list instances", &path, &[]).await?;
    let mut subjects: Vec<SubjectSeen> = rows.iter().map(|row| subject(row, generation)).collect();
    subjects.sort_by(|a, b| (&a.name, &a.detail).cmp(&(&b.name, &b.detail)));
    Ok(Inventory { subjects, at: Some(waldur.clock.now()), ..Inventory::default() })
}

fn subject(row: &Instance, generation: Generation) -> SubjectSeen {
    let place = [&row.project_name, &row.customer_name].map(String::as_str).into_iter().filter(|word| !word.is_empty());
    let mut detail = place.collect::<Vec<_>>().join(", ");
    if !row.state.is_empty() {
        detail = if detail.is_empty() { row.state.clone() } else { format!("{detail}: {}", row.state) };
    }
    let id = row.id();
    SubjectSeen {
        name: if row.name.is_empty() { id.clone() } else { row.name.clone() },
        id,
        detail,
        why_not: why_not(row, generation),
        ..SubjectSeen::default()
    }
}

/// Why nothing can be protected there. A state that passes is no reason.
fn why_not(row: &Instance, generation: Generation) -> Option<String> {
    match row.state.to_uppercase().as_str() {
        "ERRED" => return Some("Waldur backs up no instance that is erred.".to_owned()),
        "DELETING" | "DELETION SCHEDULED" | "DELETION_SCHEDULED" => return Some("It is being deleted.".to_owned()),
        _ => {}
    }
    let volumes = row.volumes.as_ref().filter(|_| generation != Generation::G2)?;
    // Where none says anything about it, nothing is known.
    let bootable = volumes.iter().any(|volume| volume.bootable != Some(false));
    (!bootable && !volumes.is_empty()).then(|| "Waldur backs up instances with a bootable volume alone.".to_owned())
}
