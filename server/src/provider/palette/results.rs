//! What Palette says of each cluster of a run or a restore, as lines.

use super::{Palette, key, observe::words};
use crate::provider::{LogOf, ProviderError};
use model::{
    Phase,
    run::{ResultLine, Results},
};

/// The messages, sorted by how their cluster ended.
pub async fn results(palette: &Palette, of: LogOf, name: &str) -> Result<Results, ProviderError> {
    let (workspace, request) = key::parts(name)?;
    let said: Option<Vec<(String, String, String)>> = match of {
        LogOf::Run => {
            let document = palette.client.backup(workspace, Some(request)).await?;
            let entry = document.entries.into_iter().find(|e| e.request_uid == request);
            entry.map(|e| {
                let refs = e.backup.cluster_backup_refs.into_iter();
                refs.map(|r| (r.cluster_name, r.status.backup_state.state, r.status.backup_state.msg)).collect()
            })
        }
        LogOf::Restore => {
            let entry = palette.client.restores(workspace).await?.into_iter().find(|e| e.request_uid == request);
            entry.map(|e| {
                let refs = e.restore.cluster_restore_refs.into_iter();
                refs.map(|r| (r.cluster_name, r.status.state, r.status.msg)).collect()
            })
        }
    };
    let Some(said) = said else {
        let unavailable = Some("Palette does not have this request any more.".to_owned());
        return Ok(Results { unavailable, ..Results::default() });
    };
    let mut results = Results::default();
    for (cluster, state, message) in said.into_iter().filter(|(_, _, message)| !message.is_empty()) {
        let line =
            ResultLine { place: format!("cluster {cluster}"), text: palette.client.rest.redact().apply(&message) };
        match words::phase(&state) {
            Phase::Failed | Phase::Cancelled | Phase::Unknown(_) => results.errors.push(line),
            _ => results.warnings.push(line),
        }
    }
    Ok(results)
}
