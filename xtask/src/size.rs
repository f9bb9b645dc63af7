//! `cargo xtask size`: builds the browser's half and says what a visit costs, raw and as brotli, against the bars.

use crate::{
    build::{self, Flavour},
    tools,
    workspace::Workspace,
};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{collections::BTreeMap, fs};

/// Script, WASM and stylesheet of the first page, compressed.
const FIRST_VISIT: u64 = 200_000;
/// What opening a wizard loads on top, compressed.
const WIZARD: u64 = 90_000;
/// Prints the table; fails over a bar.
pub fn verb(workspace: &Workspace) -> Result<()> {
    tools::for_build(workspace)?;
    build::assets(workspace, Flavour::Release)?;
    let text = fs::read_to_string(workspace.site().join("assets.json"))?;
    let report = Report::of(&serde_json::from_str(&text)?)?;
    report.print();
    report.judge()
}

/// One file of the site.
struct File {
    raw: u64,
    sent: u64,
}

/// Sizes by served name, and the sums that have bars.
struct Report {
    files: BTreeMap<String, File>,
    first_visit: u64,
    /// Chunks by the lazily loaded function that needs them.
    lazy: BTreeMap<String, u64>,
}

impl Report {
    fn of(manifest: &Value) -> Result<Self> {
        let mut files = BTreeMap::new();
        for file in manifest["files"].as_object().context("the manifest lists no files")?.values() {
            let raw = file["bytes"].as_u64().context("a file has a size")?;
            let name = file["path"].as_str().context("a file has a name")?;
            files.insert(name.to_owned(), File { raw, sent: file["br"].as_u64().unwrap_or(raw) });
        }
        let sent = |name: &Value| {
            let name = name.as_str().context("an entry is a name")?;
            files.get(name).map(|file: &File| file.sent).with_context(|| format!("{name} is not in the list"))
        };
        let mut first_visit = 0;
        for entry in ["css", "js", "wasm", "split"] {
            first_visit += sent(&manifest[entry])?;
        }
        let mut lazy = BTreeMap::new();
        for (function, chunks) in manifest["chunks"].as_object().context("the manifest lists no chunks")? {
            let sum = chunks.as_array().context("chunks are a list")?.iter().map(sent).sum::<Result<u64>>()?;
            lazy.insert(function.clone(), sum);
        }
        Ok(Self { files, first_visit, lazy })
    }

    fn print(&self) {
        println!("{:>10} {:>10}  file", "raw", "brotli");
        let mut rows: Vec<_> = self.files.iter().collect();
        rows.sort_by_key(|(_, file)| std::cmp::Reverse(file.raw));
        for (name, file) in rows {
            println!("{:>10} {:>10}  {name}", file.raw, file.sent);
        }
        println!("\nFirst visit, script + WASM + stylesheet as brotli: {} of {FIRST_VISIT} bytes", self.first_visit);
        for (function, sum) in &self.lazy {
            let bar = if is_wizard(function) { format!(" of {WIZARD}") } else { String::new() };
            println!("Loaded with {function}: {sum}{bar} bytes");
        }
    }

    fn judge(&self) -> Result<()> {
        let mut over = Vec::new();
        if self.first_visit > FIRST_VISIT {
            over.push(format!("the first visit takes {} bytes, the bar is {FIRST_VISIT}", self.first_visit));
        }
        for (function, sum) in self.lazy.iter().filter(|(function, _)| is_wizard(function)) {
            if *sum > WIZARD {
                over.push(format!("{function} loads {sum} bytes, the bar is {WIZARD}"));
            }
        }
        if !over.is_empty() {
            bail!("{}", over.join("; "));
        }
        Ok(())
    }
}

/// Lazy functions are named after their island.
fn is_wizard(function: &str) -> bool {
    function.to_lowercase().contains("wizard")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn report(wasm: u64, chunk: u64) -> Report {
        let file = |name: &str, br: u64| json!({ "path": name, "bytes": br * 3, "br": br });
        let manifest = json!({
            "css": "c", "js": "j", "wasm": "w", "split": "s",
            "chunks": { "definition_wizard_1": ["a", "b"], "log_view_2": ["b"] },
            "files": { "1": file("c", 10_000), "2": file("j", 20_000), "3": file("w", wasm), "4": file("s", 1000),
                       "5": file("a", chunk), "6": file("b", 40_000) },
        });
        Report::of(&manifest).unwrap()
    }

    #[test]
    fn sums_are_of_what_is_sent() {
        let report = report(100_000, 7);
        assert_eq!(report.first_visit, 131_000);
        assert_eq!(report.lazy["definition_wizard_1"], 40_007);
        assert_eq!(report.lazy["log_view_2"], 40_000);
    }

    #[test]
    fn each_bar_is_judged() {
        assert!(report(169_000, 50_000).judge().is_ok());
        assert!(report(169_001, 50_000).judge().unwrap_err().to_string().contains("first visit"));
        assert!(report(100_000, 50_001).judge().unwrap_err().to_string().contains("definition_wizard_1"));
    }

    #[test]
    fn a_file_that_stayed_uncompressed_counts_raw() {
        let manifest = json!({ "css": "c", "js": "c", "wasm": "c", "split": "c", "chunks": {},
                               "files": { "1": { "path": "c", "bytes": 5, "br": null } } });
        assert_eq!(Report::of(&manifest).unwrap().first_visit, 20);
    }
}
