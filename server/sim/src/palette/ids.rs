//! Identifiers and chances, all derived: the same seed makes the same world.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// 32 hexadecimal digits out of some words.
pub(super) fn digest(words: &[&str]) -> String {
    let bytes = Sha256::digest(words.join("\n"));
    bytes.iter().take(16).fold(String::new(), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A uid as Palette gives them: 24 hexadecimal digits.
pub(super) fn uid(words: &[&str]) -> String {
    let mut text = digest(words);
    text.truncate(24);
    text
}

/// A steady number below `sides` from a name.
pub(super) fn dice(name: &str, sides: u64) -> u64 {
    let bytes = Sha256::digest(name);
    let head: [u8; 8] = std::array::from_fn(|index| bytes[index]);
    u64::from_be_bytes(head) % sides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_have_24_hexadecimal_digits_and_depend_on_every_word() {
        let one = uid(&["t", "cluster", "prod-eu-1"]);
        assert_eq!(one.len(), 24);
        assert!(one.chars().all(|c| c.is_ascii_hexdigit()));
        assert_ne!(one, uid(&["u", "cluster", "prod-eu-1"]));
        assert_eq!(one, uid(&["t", "cluster", "prod-eu-1"]));
    }
}
