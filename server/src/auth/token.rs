//! Random secrets: session tokens, one-time passwords, set-up codes. Only hashes of them are stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Letters that nobody mistakes for another: 32, so that five bits choose one.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// The system gives no random bytes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// A session's secret: 256 random bits.
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn new() -> Result<Self, NoRandomness> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random::<32>()?)))
    }

    /// As it stands in the cookie.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Random bytes from the system.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// 80 random bits that a person can read out: `k3vq-9xna-…`, four groups of four.
pub fn readable() -> Result<String, NoRandomness> {
    let mut text = String::new();
    for (i, byte) in random::<16>()?.into_iter().enumerate() {
        if i > 0 && i % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    }
    Ok(text)
}

/// What is stored of a secret: its SHA-256 in hexadecimal. No salt is needed: the secrets are random and long.
pub fn digest(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a typed code means: case, spaces and dashes don't count.
pub fn normal(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[test]
    fn secrets_are_long_and_differ() {
        let (a, b) = (Token::new().unwrap(), Token::new().unwrap());
        assert_eq!(a.text().len(), 43);
        assert_ne!(a.text(), b.text());
        let code = readable().unwrap();
        assert_eq!((code.len(), code.matches('-').count()), (19, 3));
        assert_eq!(normal(&format!(" {} ", code.to_uppercase())), normal(&code));
        assert_eq!(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn letters_are_different() {
        let mut letters = LETTERS.to_vec();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), 32);
    }
}
