//! Credentials at rest: sealed with XChaCha20-Poly1305 under the key of this installation. The row's id is associated data,
//! so that a sealed text that is moved to another row doesn't open.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use std::{
    io::{ErrorKind, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};
use zeroize::Zeroizing;

/// Before the base64 text; another scheme would get another one.
const PREFIX: &str = "v1.";
const NONCE: usize = 24;

/// Why a secret can't be sealed or opened. Its text is a plain sentence.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key itself: unreadable, too open, not 32 bytes of base64.
    #[error("{0}")]
    Key(String),
    /// The sealed text belongs to another row, another key, or was changed.
    #[error("The sealed value can't be opened: it was sealed with another key or for another row.")]
    Refused,
}

/// Seals and opens. Cheap to clone; `Debug` hides the key.
#[derive(Clone)]
pub struct Sealer(Arc<XChaCha20Poly1305>);

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// From 32 bytes in base64, as HOLDFAST_SECRET_KEY has them.
    pub fn from_base64(key: &str) -> Result<Self, SealError> {
        let bytes = Zeroizing::new(STANDARD.decode(key.trim()).unwrap_or_default());
        let cipher = XChaCha20Poly1305::new_from_slice(&bytes)
            .map_err(|_| SealError::Key("The secret key must be 32 bytes in base64.".into()))?;
        Ok(Self(Arc::new(cipher)))
    }

    /// From a file with the same text; made with mode 0600 when it is absent. A file that others may read is refused.
    pub fn from_file(path: &Path) -> Result<Self, SealError> {
        let shown = path.display();
        let failed = |what: &str, error: &std::io::Error| {
            SealError::Key(format!("The key file {shown} can't be {what}: {error}."))
        };
        match create(path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("made", &error)),
        }
        let mode = std::fs::metadata(path).map_err(|error| failed("read", &error))?.mode();
        if mode & 0o077 != 0 {
            return Err(SealError::Key(format!(
                "The key file {shown} can be read by others (mode {:04o}); make it private: chmod 600 {shown}",
                mode & 0o7777
            )));
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| failed("read", &error))?);
        Self::from_base64(&text)
            .map_err(|_| SealError::Key(format!("The key file {shown} must hold 32 bytes in base64.")))
    }

    /// Seals for the row of this id: `v1.` and base64 of nonce and ciphertext. Two calls never give the same text.
    pub fn seal(&self, plaintext: &[u8], row_id: &str) -> Result<String, SealError> {
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| SealError::Key("The system has no randomness to seal with.".into()))?;
        let payload = Payload { msg: plaintext, aad: row_id.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::Refused)?;
        let mut whole = nonce.to_vec();
        whole.extend(sealed);
        Ok(format!("{PREFIX}{}", STANDARD.encode(whole)))
    }

    /// Opens what was sealed for the row of this id. The plaintext is wiped when it is dropped.
    pub fn open(&self, sealed: &str, row_id: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let whole = sealed
            .strip_prefix(PREFIX)
            .and_then(|text| STANDARD.decode(text).ok())
            .filter(|whole| whole.len() > NONCE)
            .ok_or(SealError::Refused)?;
        let (nonce, sealed) = whole.split_at(NONCE);
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| SealError::Refused)?;
        let payload = Payload { msg: sealed, aad: row_id.as_bytes() };
        self.0.decrypt(&XNonce::from(nonce), payload).map(Zeroizing::new).map_err(|_| SealError::Refused)
    }
}

/// Makes the file with a new key. It gets its name only when it is whole: two processes that start at once agree on one key,
/// and a crash or a full disk leaves none.
fn create(path: &Path) -> Result<(), std::io::Error> {
    if path.exists() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let mut key = Zeroizing::new([0u8; 32]);
    getrandom::fill(&mut *key).map_err(std::io::Error::other)?;
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(*key)));
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        // Unlike a rename, a link never replaces a key that another process has made meanwhile.
        .and_then(|()| std::fs::hard_link(&draft, path));
    let _ = std::fs::remove_file(&draft);
    written
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn sealer(byte: u8) -> Sealer {
        Sealer::from_base64(&STANDARD.encode([byte; 32])).unwrap()
    }

    #[test]
    fn opens_what_it_sealed() {
        let sealed = sealer(1).seal(b"token", "0193").unwrap();
        assert!(!sealed.contains("token"));
        assert_eq!(sealer(1).open(&sealed, "0193").unwrap().as_slice(), b"token");
        assert_ne!(sealer(1).seal(b"token", "0193").unwrap(), sealed, "a nonce is never used twice");
    }

    #[test]
    fn refuses_another_row_another_key_and_changed_text() {
        let sealed = sealer(1).seal(b"token", "0193").unwrap();
        assert!(matches!(sealer(1).open(&sealed, "0194"), Err(SealError::Refused)), "another row");
        assert!(matches!(sealer(2).open(&sealed, "0193"), Err(SealError::Refused)), "another key");
        let mut whole = STANDARD.decode(&sealed[3..]).unwrap();
        *whole.last_mut().unwrap() ^= 1;
        let changed = format!("v1.{}", STANDARD.encode(whole));
        for bad in [changed.as_str(), "", "v1.", "v1.AAAA", "v2.AAAA", &sealed[..20]] {
            assert!(matches!(sealer(1).open(bad, "0193"), Err(SealError::Refused)), "{bad}");
        }
    }

    #[test]
    fn refuses_keys_of_another_size() {
        for bad in ["", "short", &STANDARD.encode([1u8; 31]), &STANDARD.encode([1u8; 33])] {
            assert!(matches!(Sealer::from_base64(bad), Err(SealError::Key(_))), "{bad}");
        }
        assert_eq!(format!("{:?}", sealer(1)), "Sealer(…)");
    }

    #[test]
    fn makes_a_private_file_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let sealed = Sealer::from_file(&path).unwrap().seal(b"x", "1").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert!(Sealer::from_file(&path).unwrap().open(&sealed, "1").is_ok(), "the same key again");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn refuses_a_file_that_others_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        Sealer::from_file(&path).unwrap();
        for mode in [0o644, 0o640, 0o604] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let said = Sealer::from_file(&path).unwrap_err().to_string();
            assert!(said.contains("chmod 600") && said.lines().count() == 1, "{said}");
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "nonsense").unwrap();
        assert!(Sealer::from_file(&path).unwrap_err().to_string().contains("32 bytes"));
    }
}
