//! Identifiers and chances that are the same in every run: derived by hashing, never drawn.

use sha2::{Digest, Sha256};

/// An identifier in the form of a UUID of version 5, which the system makes besides those of version 4.
pub(super) fn uuid(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("/"));
    let mut bytes: [u8; 16] = std::array::from_fn(|index| digest[index]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Whether it has the form of an identifier: version 4, version 5 or all zero.
pub(super) fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let form = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]);
    let hex = groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()));
    let zero = text.bytes().all(|b| matches!(b, b'0' | b'-'));
    form && hex && (zero || groups[2].starts_with(['4', '5']))
}

/// A steady number below `sides` from a name.
pub(super) fn dice(name: &str, sides: u64) -> u64 {
    let digest = Sha256::digest(name);
    let head: [u8; 8] = std::array::from_fn(|index| digest[index]);
    u64::from_be_bytes(head) % sides.max(1)
}

/// Small letters and digits, as in generated names.
pub(super) fn letters(name: &str, count: usize) -> String {
    const SET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    Sha256::digest(name).iter().take(count).map(|byte| char::from(SET[usize::from(*byte) % SET.len()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_identifiers_that_it_takes() {
        let id = uuid(&["t", "app", "1"]);
        assert!(is_uuid(&id), "{id}");
        assert_eq!(id, uuid(&["t", "app", "1"]));
        assert_ne!(id, uuid(&["t", "app", "2"]));
        assert!(is_uuid("00000000-0000-0000-0000-000000000000"));
        for wrong in ["", "x", "a1a1a1a1-0000-1000-8000-000000000001", "a1a1a1a1-0000-4000-8000-00000000000g", "é-é"]
        {
            assert!(!is_uuid(wrong), "{wrong}");
        }
    }
}
