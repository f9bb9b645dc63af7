//! What the restore form may offer: flavours, and from G3 on what the new instance is connected to.

use crate::provider::{
    ErrorKind, ProviderError,
    waldur::{
        Waldur,
        capabilities::NO_NETWORK,
        generation::{Generation, Resource},
        wire::{self, Piece, id, id_in},
    },
};
use model::{named::Named, recovery::RecoveryPoint, restore::RestoreOffer};

/// Reads it live. Everything is addressed by the reference that Waldur itself gives.
pub async fn offer(waldur: &Waldur, point: &RecoveryPoint) -> Result<RestoreOffer, ProviderError> {
    const OPERATION: &str = "list what a restore can use";
    let generation = waldur.generation().await?;
    let backup: Option<wire::Backup> =
        waldur.api.get("read the backup", generation, Resource::Backups, &point.name).await?;
    let backup = backup
        .ok_or_else(|| ProviderError::new(ErrorKind::NotFound, OPERATION, "The backup is not there any more."))?;
    // Gone with its instance it would be; a hidden one only narrows nothing.
    let instance: Option<wire::Instance> =
        waldur.api.get("read the instance", generation, Resource::Instances, &id_in(&backup.instance)).await?;
    let own = backup.told("flavor_name");
    let mut flavors = flavors(waldur, generation, instance.as_ref()).await?;
    // The instance's own first.
    flavors.sort_by_key(|flavor| own != Some(flavor.name.as_str()));
    let mut offer = RestoreOffer {
        flavors: flavors.into_iter().map(|flavor| Named::new(flavor.url.clone(), sized(&flavor))).collect(),
        notes: vec!["A restore makes a new instance beside the old one and takes from the project's quotas.".into()],
        ..RestoreOffer::default()
    };
    if generation == Generation::G2 {
        offer.notes.push("Waldur restores a backup once at a time, and says of a failed restore only that the new instance is Erred.".into());
        offer.notes.push(NO_NETWORK.into());
        return Ok(offer);
    }
    let project = instance.map(|instance| instance.project_uuid).unwrap_or_default();
    offer.networks = pieces(waldur, generation, Resource::Subnets, &project, &[]).await?;
    offer.security_groups = pieces(waldur, generation, Resource::SecurityGroups, &project, &[]).await?;
    offer.floating_ips = pieces(waldur, generation, Resource::FloatingIps, &project, &[("free", "true")]).await?;
    offer.notes.push(
        "Without a network the new instance is not connected; a floating address leads to the first network.".into(),
    );
    Ok(offer)
}

/// The flavours of the OpenStack that the instance is in, where Waldur tells which that is.
pub async fn flavors(
    waldur: &Waldur,
    generation: Generation,
    instance: Option<&wire::Instance>,
) -> Result<Vec<Piece>, ProviderError> {
    let path = generation.list(Resource::Flavors);
    let mut flavors: Vec<Piece> = waldur.api.list("list flavours", &path, &[]).await?;
    let own = instance.map(|instance| id_in(&instance.service_settings)).filter(|id| !id.is_empty());
    if let Some(own) = own {
        flavors.retain(|flavor| flavor.settings.is_empty() || id_in(&flavor.settings) == own);
    }
    Ok(flavors)
}

/// `m1.small (1 core, 2 GiB)`.
fn sized(flavor: &Piece) -> String {
    let cores = flavor.cores.map(|n| if n == 1 { "1 core".to_owned() } else { format!("{n} cores") });
    let ram = flavor.ram.map(|mib| if mib % 1024 == 0 { format!("{} GiB", mib / 1024) } else { format!("{mib} MiB") });
    let sizes: Vec<String> = cores.into_iter().chain(ram).collect();
    if sizes.is_empty() { flavor.name.clone() } else { format!("{} ({})", flavor.name, sizes.join(", ")) }
}

async fn pieces(
    waldur: &Waldur,
    generation: Generation,
    resource: Resource,
    project: &str,
    query: &[(&str, &str)],
) -> Result<Vec<Named>, ProviderError> {
    let mut query = query.to_vec();
    if !project.is_empty() {
        query.push(("project_uuid", project));
    }
    let rows: Vec<Piece> =
        waldur.api.list("list what a new instance can be connected to", &generation.list(resource), &query).await?;
    let own =
        |piece: &Piece| project.is_empty() || piece.project_uuid.is_empty() || id(&piece.project_uuid) == id(project);
    let name = |piece: &Piece| match (piece.name.as_str(), piece.address.as_str(), piece.cidr.as_str()) {
        (name, _, cidr) if !cidr.is_empty() => format!("{name} ({cidr})"),
        ("", address, _) => address.to_owned(),
        (name, _, _) => name.to_owned(),
    };
    Ok(rows.iter().filter(|piece| own(piece)).map(|piece| Named::new(piece.url.clone(), name(piece))).collect())
}
