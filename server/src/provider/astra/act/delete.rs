//! Deleting a backup with its data. 204 is only the acceptance: it stays listed as `deleting` for a minute or more.

use crate::provider::{
    ErrorKind, ProviderError,
    astra::{Astra, explain::PENDING, key::Key, wire::Backup},
};

const OPERATION: &str = "delete the backup";

/// Asks for the deletion, unless it is under way. Gone already is success.
pub async fn delete(astra: &Astra, point: &str) -> Result<(), ProviderError> {
    let key = Key::read(point)?;
    let mut last = None;
    // A second turn follows a state that changed between the two calls.
    for _ in 0..2 {
        let there: Backup = match astra.api.get("read the backup", &key.path()).await {
            Ok(there) => there,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        match there.state.as_str() {
            "deleting" => return Ok(()),
            "pending" => {
                let sentence = format!("The {} {} has not begun.", key.sort.word(), there.name);
                return Err(ProviderError::new(ErrorKind::Refused, OPERATION, sentence).remedy(PENDING));
            }
            _ => {}
        }
        match astra.api.delete(OPERATION, &key.path(), there.state == "failed").await {
            Ok(()) => {
                astra.wake.nudge(&key.app);
                return Ok(());
            }
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
            // Deletion under way, restoring, begun or failed in between; or not allowed, which stays so.
            Err(error) if matches!(error.kind, ErrorKind::Conflict | ErrorKind::Forbidden | ErrorKind::Refused) => {
                last = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| ProviderError::new(ErrorKind::Conflict, OPERATION, "It changes all the time.")))
}
