//! Content hashes: of inputs, to skip a step whose inputs did not change, and of outputs, to name them.

use crate::workspace::files_under;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// The first 16 hexadecimal digits of a SHA-256: no two files of one site collide by chance.
pub fn short(data: &[u8]) -> String {
    hex(&Sha256::digest(data))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// One hash over a recipe and files; a folder stands for all files in it, each with its name.
pub fn of_inputs(recipe: &str, paths: &[&Path]) -> Result<String> {
    let mut sum = Sha256::new();
    sum.update(recipe);
    for path in paths {
        let files = if path.is_dir() { files_under(path)? } else { vec![(*path).to_owned()] };
        for file in files {
            let data = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            // Relative to the input, so that two checkouts of one state agree.
            sum.update(file.strip_prefix(path).unwrap_or(&file).as_os_str().as_encoded_bytes());
            sum.update((data.len() as u64).to_le_bytes());
            sum.update(&data);
        }
    }
    Ok(hex(&sum.finalize()))
}

/// Whether `output` was made from these inputs and still is there.
pub fn is_current(output: &Path, inputs: &str) -> bool {
    output.exists() && fs::read_to_string(stamp(output)).is_ok_and(|made_from| made_from == inputs)
}

/// Remembers what `output` was made from.
pub fn set_current(output: &Path, inputs: &str) -> Result<()> {
    fs::write(stamp(output), inputs).with_context(|| format!("remembering the inputs of {}", output.display()))
}

fn stamp(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".inputs");
    name.into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[test]
    fn inputs_are_names_and_contents() {
        let dir = std::env::temp_dir().join(format!("holdfast-xtask-hash-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("a"), "1").unwrap();
        let first = of_inputs("recipe", &[&dir]).unwrap();
        assert_eq!(first, of_inputs("recipe", &[&dir]).unwrap());
        assert_ne!(first, of_inputs("other recipe", &[&dir]).unwrap());
        fs::write(dir.join("a"), "2").unwrap();
        let second = of_inputs("recipe", &[&dir]).unwrap();
        assert_ne!(first, second);
        fs::rename(dir.join("a"), dir.join("b")).unwrap();
        assert_ne!(second, of_inputs("recipe", &[&dir]).unwrap());
        let output = dir.join("out");
        assert!(!is_current(&output, "x"));
        set_current(&output, "x").unwrap();
        assert!(!is_current(&output, "x"), "a stamp without its output counts for nothing");
        fs::write(&output, "").unwrap();
        assert!(is_current(&output, "x"));
        assert!(!is_current(&output, "y"));
        fs::remove_dir_all(dir).unwrap();
    }
}
