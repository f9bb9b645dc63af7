//! Passwords: Argon2id with the parameters that OWASP recommends, off the runtime and two at a time.

use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash::phc::PasswordHash};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as STANDARD_NO_PAD};
use std::{sync::OnceLock, time::Duration};
use subtle::ConstantTimeEq;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::spawn_blocking,
    time::timeout,
};

/// OWASP Password Storage Cheat Sheet: m = 19 MiB, t = 2, p = 1.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Bytes of a hash, as everybody's Argon2 makes them.
const OUTPUT: usize = 32;

/// Hashes at once in this process: each takes 19 MiB and a core.
static HASHES: Semaphore = Semaphore::const_new(2);
/// How long a sign-in waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a password could not be hashed or compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("too many sign-ins at once")]
    Busy,
    #[error("the password could not be hashed")]
    Failed,
}

/// A turn to hash. Who holds one decides and counts before the next is let in.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "held, then dropped")] SemaphorePermit<'static>);

/// Waits for a turn.
pub async fn turn() -> Result<Turn, PasswordError> {
    match timeout(PATIENCE, HASHES.acquire()).await {
        Ok(Ok(permit)) => Ok(Turn(permit)),
        _ => Err(PasswordError::Busy),
    }
}

/// The raw Argon2id hash.
fn digest(params: Params, password: &[u8], salt: &[u8]) -> Result<[u8; OUTPUT], PasswordError> {
    let mut memory = vec![Block::new(); params.block_count()];
    let mut out = [0; OUTPUT];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password, salt, &mut out, &mut memory)
        .map_err(|_| PasswordError::Failed)?;
    Ok(out)
}

fn hash_now(password: &[u8]) -> Result<String, PasswordError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| PasswordError::Failed)?;
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordError::Failed)?;
    let out = digest(params, password, &salt)?;
    let (salt, out) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(out));
    Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${out}"))
}

/// Whether the password makes the stored hash, with the stored parameters. A hash of another form fits nothing.
fn fits_now(password: &[u8], stored: &str) -> Result<bool, PasswordError> {
    let parsed = PasswordHash::new(stored).map_err(|_| PasswordError::Failed)?;
    let params = Params::try_from(&parsed).map_err(|_| PasswordError::Failed)?;
    let (Some(salt), Some(hash)) = (&parsed.salt, &parsed.hash) else { return Err(PasswordError::Failed) };
    if parsed.algorithm.as_str() != "argon2id" || parsed.version != Some(19) || hash.as_bytes().len() != OUTPUT {
        return Err(PasswordError::Failed);
    }
    Ok(digest(params, password, salt)?.ct_eq(hash.as_bytes()).into())
}

/// Hashes a new password into a PHC string.
pub async fn hash(_turn: &Turn, password: String) -> Result<String, PasswordError> {
    spawn_blocking(move || hash_now(password.as_bytes())).await.map_err(|_| PasswordError::Failed)?
}

/// Whether the password fits the stored hash. Without one (the account is unknown) it takes the same time and is false.
pub async fn fits(_turn: &Turn, password: String, stored: Option<String>) -> Result<bool, PasswordError> {
    let compare = move || {
        let (hash, real) = match stored {
            Some(hash) => (hash, true),
            None => (nobody()?.to_owned(), false),
        };
        Ok(fits_now(password.as_bytes(), &hash)? && real)
    };
    spawn_blocking(compare).await.map_err(|_| PasswordError::Failed)?
}

/// Whether a stored hash is weaker than what is made today.
pub fn outdated(stored: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(stored) else { return false };
    let Ok(params) = Params::try_from(&parsed) else { return true };
    params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES
}

/// A hash that no password fits, of today's strength.
fn nobody() -> Result<&'static str, PasswordError> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(hash) = NOBODY.get() {
        return Ok(hash);
    }
    let secret = super::token::Token::new().map_err(|_| PasswordError::Failed)?;
    let made = hash_now(secret.text().as_bytes())?;
    Ok(NOBODY.get_or_init(|| made))
}

/// Makes the hash for unknown accounts ahead of the first sign-in, which would else take twice the time.
pub async fn prepare() -> Result<(), PasswordError> {
    spawn_blocking(|| nobody().map(|_| ())).await.map_err(|_| PasswordError::Failed)?
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let turn = turn().await.unwrap();
        let stored = hash(&turn, "correct horse battery".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(fits(&turn, "correct horse battery".into(), Some(stored.clone())).await.unwrap());
        assert!(!fits(&turn, "correct horse battery ".into(), Some(stored.clone())).await.unwrap());
        assert!(!fits(&turn, String::new(), None).await.unwrap());
        assert!(!outdated(&stored));
        assert!(outdated(&stored.replace("m=19456", "m=8192")));
    }

    /// Made by the library's own way, which is what stands in databases of before.
    #[test]
    fn hashes_of_the_library_fit_and_ours_fit_there() {
        use argon2::password_hash::{PasswordHasher, PasswordVerifier};
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap();
        let library = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let theirs: PasswordHash = library.hash_password(b"correct horse").unwrap();
        assert!(fits_now(b"correct horse", &theirs.to_string()).unwrap());
        assert!(!fits_now(b"correct horsf", &theirs.to_string()).unwrap());
        let ours = hash_now(b"correct horse").unwrap();
        assert!(library.verify_password(b"correct horse", &PasswordHash::new(&ours).unwrap()).is_ok());
        assert_eq!(fits_now(b"x", "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2g"), Err(PasswordError::Failed));
    }
}
