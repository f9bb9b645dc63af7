//! What the tests of all translations need: an identity, golden files, and a small generator.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::Owned;
use model::{DefinitionId, definition::Definition};
use std::{env, fs, path::Path};

/// The definition under one fixed identity.
pub fn owned(definition: Definition) -> Owned {
    Owned {
        id: DefinitionId::from("0193c0de-0000-7000-8000-0000007b1a9c"),
        upstream_name: format!("{}-7b1a9c", definition.name),
        version: 1,
        definition,
    }
}

/// Compares with a file under `tests/golden/<system>`; `UPDATE_GOLDEN=1` writes it.
pub fn golden(system: &str, name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(system).join(name);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, wanted, "{} differs; UPDATE_GOLDEN=1 rewrites it", path.display());
}

/// A small deterministic generator (xorshift), so that a failure repeats.
pub struct Dice(u64);

impl Dice {
    /// Always the same.
    pub fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// A place in a list of so many.
    pub fn place(&mut self, sides: usize) -> usize {
        usize::try_from(self.roll(sides as u64)).unwrap()
    }

    pub fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.place(list.len())].clone()
    }
}
