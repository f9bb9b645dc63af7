//! Embeds the site that `cargo xtask` built: `HOLDFAST_SITE` names its folder. Without it the table is empty, so that a
//! plain `cargo check` needs no WASM.

use serde_json::Value;
use std::{env, error::Error, fmt::Write, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=HOLDFAST_SITE");
    let site = env::var("HOLDFAST_SITE").unwrap_or_default();
    let code = if site.is_empty() {
        "pub(super) const MANIFEST: &str = \"\";\npub(super) const FILES: &[super::Embedded] = &[];\n".to_owned()
    } else {
        table(Path::new(&site))?
    };
    fs::write(Path::new(&env::var("OUT_DIR")?).join("site.rs"), code)?;
    Ok(())
}

fn table(site: &Path) -> Result<String, Box<dyn Error>> {
    let manifest = site.join("assets.json");
    // Names hold hashes of the contents: when nothing else tells, the manifest does.
    println!("cargo::rerun-if-changed={}", manifest.display());
    let text = fs::read_to_string(&manifest).map_err(|e| format!("{}: {e}", manifest.display()))?;
    let parsed: Value = serde_json::from_str(&text)?;
    let files = parsed["files"].as_object().ok_or("the manifest lists no files")?;
    let mut code = String::new();
    writeln!(code, "pub(super) const MANIFEST: &str = include_str!({:?});", manifest)?;
    writeln!(code, "pub(super) const FILES: &[super::Embedded] = &[")?;
    for file in files.values() {
        let path = file["path"].as_str().ok_or("a file has no path")?;
        let whole = site.join(path);
        let beside = |key: &str, ending: &str| {
            if file[key].is_null() {
                "None".to_owned()
            } else {
                format!("Some(include_bytes!({:?}))", format!("{}.{ending}", whole.display()))
            }
        };
        writeln!(
            code,
            "    super::Embedded {{ path: {path:?}, plain: include_bytes!({whole:?}), br: {}, gzip: {} }},",
            beside("br", "br"),
            beside("gzip", "gz"),
        )?;
    }
    writeln!(code, "];")?;
    Ok(code)
}
