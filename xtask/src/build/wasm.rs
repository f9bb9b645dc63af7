//! The browser's half: compiled by cargo, cut into chunks by wasm-split, bound to JavaScript by wasm-bindgen.
//!
//! Both tools are libraries of this crate, so their versions come from our own lock file and cannot drift from the
//! crates that the application uses.

use super::Flavour;
use crate::{step::run, workspace::Workspace};
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The name that the WASM imports the chunk loader by. The tool that cuts the chunks expects a name this long.
pub const LINK_FILE: &str = "__wasm_split.______________________.js";
/// Which chunks a lazily loaded island needs: what the server preloads for it.
pub const SPLIT_MANIFEST: &str = "__wasm_split_manifest.json";
/// Base name of the generated JavaScript and WASM.
pub const NAME: &str = "app";

/// Compiles the library for the browser and returns the raw WASM: relocations and names still in it, because the
/// splitter works on them (`-Clink-args=--emit-relocs` in `.cargo/config.toml`).
pub fn compile(workspace: &Workspace, flavour: Flavour) -> Result<PathBuf> {
    let profile = flavour.wasm_profile();
    run(Command::new("cargo")
        // Only the browser takes it as a library of its own; the server links it in.
        .args(["rustc", "--package", "app", "--lib", "--crate-type", "cdylib", "--target", "wasm32-unknown-unknown"])
        .args(["--features", "hydrate", "--profile", profile])
        .current_dir(&workspace.root))?;
    let made = workspace.target.join("wasm32-unknown-unknown").join(profile).join("app.wasm");
    if !made.is_file() {
        bail!("cargo did not make {}", made.display());
    }
    Ok(made)
}

/// Cuts `raw` into the part that every page loads and the chunks of lazy islands, and writes the JavaScript for it.
/// The results lie in `pkg` under their plain names.
pub fn split_and_bind(pkg: &Path, raw: &Path) -> Result<()> {
    if pkg.exists() {
        fs::remove_dir_all(pkg)?;
    }
    fs::create_dir_all(pkg)?;
    let input = fs::read(raw)?;
    let main = pkg.with_extension("main.wasm");

    let link_name = format!("./{LINK_FILE}");
    let main_module = format!("./{NAME}.js");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = pkg;
    options.main_out_path = &main;
    options.main_module = &main_module;
    options.link_name = &link_name;
    let split = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("wasm-split: {error:?}"))?;
    for chunk in &split.split_modules {
        // Chunks never pass through wasm-bindgen, which removes these sections from the main part.
        let stripped = without_custom_sections(&fs::read(chunk)?)
            .with_context(|| format!("{} is no WASM module", chunk.display()))?;
        fs::write(chunk, stripped)?;
    }
    // serde_json's map keeps its keys sorted: the manifest's hash must not depend on a hash map's order.
    let manifest: Map<String, Value> = split.prefetch_map.into_iter().map(|(key, value)| (key, value.into())).collect();
    fs::write(pkg.join(SPLIT_MANIFEST), serde_json::to_vec(&manifest)?)?;

    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(&main)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .out_name(NAME)
        .keep_lld_exports(true)
        .demangle(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.generate(pkg).context("wasm-bindgen")
}

/// Drops the custom sections (names, producers, relocations) of a WASM module. `None` if it is not well-formed.
fn without_custom_sections(module: &[u8]) -> Option<Vec<u8>> {
    let mut kept = module.get(..8)?.to_vec();
    let mut rest = module.get(8..)?;
    while let Some((&id, after_id)) = rest.split_first() {
        let (length, width) = leb128(after_id)?;
        let section = rest.get(..1 + width + length)?;
        if id != 0 {
            kept.extend_from_slice(section);
        }
        rest = rest.get(section.len()..)?;
    }
    Some(kept)
}

/// An unsigned LEB128 number and how many bytes it took.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

    #[test]
    fn custom_sections_go_and_others_stay() {
        let code = [10, 2, 7, 7];
        let custom = [0, 0x83, 0x00, 1, 2, 3];
        let module = [&HEADER[..], &custom, &code, &custom].concat();
        assert_eq!(without_custom_sections(&module), Some([&HEADER[..], &code].concat()));
    }

    #[test]
    fn a_truncated_module_is_refused() {
        assert_eq!(without_custom_sections(b"\0asm"), None);
        assert_eq!(without_custom_sections(&[&HEADER[..], &[10, 9, 1]].concat()), None);
        assert_eq!(without_custom_sections(&[&HEADER[..], &[10, 0x80, 0x80, 0x80, 0x80, 0x80]].concat()), None);
    }
}
