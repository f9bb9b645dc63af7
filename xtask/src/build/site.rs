//! The finished site: every file under a name that holds the hash of its content, precompressed, with a manifest.
//!
//! `assets.json` is what `server/build.rs` reads to embed the files:
//!
//! ```json
//! { "build": "16 hex digits over all files",
//!   "css": "app.<hash>.css", "js": "app.<hash>.js", "wasm": "app_bg.<hash>.wasm",
//!   "split": "__wasm_split.<hash>.js",
//!   "chunks": { "<lazy function>": ["chunk_0.<hash>.wasm", "split_....<hash>.wasm"] },
//!   "files": { "fonts/x.woff2": { "path": "fonts/x.<hash>.woff2", "type": "font/woff2",
//!                                 "bytes": 34000, "br": null, "gzip": null } } }
//! ```
//!
//! `path` is below the site folder and below whatever URL prefix the server mounts it at: all references between
//! files are relative. Where `br` or `gzip` holds a size, `<path>.br` or `<path>.gz` lies beside the file; where it
//! is null, compression would not have made the file smaller.

use super::{Flavour, hash, wasm};
use crate::workspace::files_under;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    thread,
};

/// Counted up when this file changes what it makes of the same inputs.
pub const RECIPE: &str = "3";

/// Where the site's parts come from.
pub struct Sources {
    /// WASM, chunks and JavaScript, as [`wasm::split_and_bind`] leaves them.
    pub pkg: PathBuf,
    /// The compiled stylesheet.
    pub css: PathBuf,
    /// Files that are served as they are.
    pub public: PathBuf,
}

/// Files by logical name.
type Files = BTreeMap<String, Vec<u8>>;

/// Makes the site folder anew and says in one line what is in it.
pub fn assemble(sources: &Sources, site: &Path, flavour: Flavour) -> Result<String> {
    let mut files = Files::new();
    read_into(&mut files, &sources.public)?;
    read_into(&mut files, &sources.pkg)?;
    let stylesheet = format!("{}.css", wasm::NAME);
    files.insert(stylesheet.clone(), fs::read(&sources.css)?);
    let chunks = files.remove(wasm::SPLIT_MANIFEST).context("the split manifest is missing")?;

    let named = name(files)?;
    // Written aside and moved into place: a broken build never leaves half a site.
    let fresh = site.with_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let mut listed = Map::new();
    let mut sum = (0, 0);
    for (logical, path, bytes, brotli, gzip) in write_all(&named, &fresh, flavour)? {
        sum = (sum.0 + bytes, sum.1 + brotli.unwrap_or(bytes));
        let kind = media_type(&logical);
        listed.insert(logical, json!({ "path": path, "type": kind, "bytes": bytes, "br": brotli, "gzip": gzip }));
    }
    let hashed = |logical: &str| named.get(logical).map(|(path, _)| path.clone());
    let entry = |logical: &str| hashed(logical).with_context(|| format!("the build made no {logical}"));
    let all_names: Vec<&str> = named.values().map(|(path, _)| path.as_str()).collect();
    let manifest = json!({
        "build": hash::short(all_names.join("\n").as_bytes()),
        "css": entry(&stylesheet)?,
        "js": entry(&format!("{}.js", wasm::NAME))?,
        "wasm": entry(&format!("{}_bg.wasm", wasm::NAME))?,
        "split": entry(wasm::LINK_FILE)?,
        "chunks": named_chunks(&chunks, hashed)?,
        "files": listed,
    });
    fs::write(fresh.join("assets.json"), serde_json::to_vec_pretty(&manifest)?)?;
    if site.exists() {
        fs::remove_dir_all(site)?;
    }
    fs::rename(&fresh, site)?;
    Ok(format!("{} files, {} kB raw, {} kB as brotli", named.len(), sum.0 / 1000, sum.1 / 1000))
}

fn read_into(files: &mut Files, dir: &Path) -> Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    for path in files_under(dir)? {
        let logical = path.strip_prefix(dir)?.to_str().context("file names are UTF-8")?.to_owned();
        if !logical.starts_with('.') {
            files.insert(logical, fs::read(&path)?);
        }
    }
    Ok(())
}

/// Gives every file its hashed name and rewrites references: first what refers to nothing, then the stylesheet and
/// the JavaScript. The JavaScript files import each other in a circle, so they share one hash over all of them.
fn name(files: Files) -> Result<BTreeMap<String, (String, Vec<u8>)>> {
    let mut named = BTreeMap::new();
    let mut renames = BTreeMap::new();
    let (scripts, others): (Files, Files) = files.into_iter().partition(|(logical, _)| is_script(logical));
    let (styles, leaves): (Files, Files) = others.into_iter().partition(|(logical, _)| logical.ends_with(".css"));
    for (logical, data) in leaves {
        let path = with_hash(&logical, &hash::short(&data));
        renames.insert(logical.clone(), path.clone());
        named.insert(logical, (path, data));
    }
    for (logical, data) in styles {
        let text = String::from_utf8(data).with_context(|| format!("{logical} is not UTF-8"))?;
        let text = with_hashed_urls(&text, &renames).with_context(|| logical.clone())?;
        let path = with_hash(&logical, &hash::short(text.as_bytes()));
        named.insert(logical, (path, text.into_bytes()));
    }
    let mut texts = BTreeMap::new();
    let mut circle = String::new();
    for (logical, data) in scripts {
        let text = String::from_utf8(data).with_context(|| format!("{logical} is not UTF-8"))?;
        let text = with_renamed_strings(&text, &renames);
        circle.push_str(&logical);
        circle.push_str(&text);
        texts.insert(logical, text);
    }
    let shared = hash::short(circle.as_bytes());
    let scripts: BTreeMap<String, String> =
        texts.keys().map(|logical| (logical.clone(), with_hash(logical, &shared))).collect();
    for (logical, text) in texts {
        let path = with_hash(&logical, &shared);
        named.insert(logical, (path, with_renamed_imports(&text, &scripts).into_bytes()));
    }
    Ok(named)
}

fn is_script(logical: &str) -> bool {
    logical.ends_with(".js")
}

/// `fonts/x.woff2` with a hash is `fonts/x.<hash>.woff2`. The underscores that stand for a hash already go.
fn with_hash(logical: &str, hash: &str) -> String {
    let bare = logical.replace(".______________________", "");
    let (folder, file) = bare.rsplit_once('/').map_or(("", bare.as_str()), |(folder, file)| (folder, file));
    let hashed = match file.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{file}.{hash}"),
    };
    if folder.is_empty() { hashed } else { format!("{folder}/{hashed}") }
}

/// Chunk URLs, `new URL("./chunk_0.wasm", import.meta.url)`.
fn with_renamed_strings(text: &str, renames: &BTreeMap<String, String>) -> String {
    renames
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(&format!("\"./{from}\""), &format!("\"./{to}\"")))
}

/// Import specifiers of other scripts. The same string as a key of the WASM's import object stays: it is compiled
/// into the WASM.
fn with_renamed_imports(text: &str, renames: &BTreeMap<String, String>) -> String {
    renames.iter().fold(text.to_owned(), |text, (from, to)| {
        ["'", "\""].iter().fold(text, |text, quote| {
            text.replace(&format!("from {quote}./{from}{quote}"), &format!("from {quote}./{to}{quote}"))
        })
    })
}

/// Rewrites `url(...)` of a stylesheet that lies at the top of the site.
///
/// # Errors
/// When it names a file that does not exist: the page would ask for it in vain.
fn with_hashed_urls(css: &str, renames: &BTreeMap<String, String>) -> Result<String> {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = rest.find("url(") {
        let (before, after) = rest.split_at(at + 4);
        let end = after.find(')').context("an url( without its end")?;
        let (inside, tail) = after.split_at(end);
        let bare = inside.trim().trim_matches(['"', '\'']);
        out.push_str(before);
        if bare.starts_with("data:") || bare.starts_with('#') {
            out.push_str(inside);
        } else {
            let (file, fragment) = bare.find('#').map_or((bare, ""), |hash| bare.split_at(hash));
            let wanted = file.trim_start_matches("./").trim_start_matches('/');
            let Some(hashed) = renames.get(wanted) else {
                bail!("it refers to {wanted}, which is not in public/");
            };
            out.push_str(&format!("\"{hashed}{fragment}\""));
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// The chunks of each lazily loaded function, under the names they are served by.
fn named_chunks(manifest: &[u8], hashed: impl Fn(&str) -> Option<String>) -> Result<Value> {
    let chunks: BTreeMap<String, Vec<String>> = serde_json::from_slice(manifest)?;
    let mut out = Map::new();
    for (function, stems) in chunks {
        let paths = stems
            .iter()
            .map(|stem| hashed(&format!("{stem}.wasm")).with_context(|| format!("chunk {stem} was not made")))
            .collect::<Result<Vec<_>>>()?;
        out.insert(function, paths.into());
    }
    Ok(out.into())
}

/// Logical name, hashed path, raw size, size as brotli and as gzip (where that is smaller).
type Written = (String, String, usize, Option<usize>, Option<usize>);

fn write_all(named: &BTreeMap<String, (String, Vec<u8>)>, to: &Path, flavour: Flavour) -> Result<Vec<Written>> {
    // Brotli at full strength is most of this step's time, so the files are shared out between the cores.
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let all: Vec<_> = named.iter().collect();
    let mut shares: Vec<Vec<_>> = vec![Vec::new(); workers];
    for (at, file) in all.into_iter().enumerate() {
        if let Some(share) = shares.get_mut(at % workers) {
            share.push(file);
        }
    }
    let mut written = Vec::new();
    thread::scope(|scope| {
        let running: Vec<_> = shares
            .into_iter()
            .map(|share| {
                scope.spawn(move || -> Result<Vec<Written>> {
                    share
                        .into_iter()
                        .map(|(logical, (path, data))| write_one(logical, path, data, to, flavour))
                        .collect()
                })
            })
            .collect();
        for worker in running {
            written.extend(worker.join().map_err(|_| anyhow::anyhow!("a compressing thread panicked"))??);
        }
        Ok(written)
    })
}

fn write_one(logical: &str, path: &str, data: &[u8], to: &Path, flavour: Flavour) -> Result<Written> {
    let file = to.join(path);
    fs::create_dir_all(file.parent().context("a file has a folder")?)?;
    fs::write(&file, data)?;
    let keep = |suffix: &str, compressed: Vec<u8>| -> Result<Option<usize>> {
        // Fonts and pictures are compressed already; a response with an encoding that saves nothing costs time.
        if compressed.len() * 20 > data.len() * 19 {
            return Ok(None);
        }
        fs::write(to.join(format!("{path}.{suffix}")), &compressed)?;
        Ok(Some(compressed.len()))
    };
    let br = keep("br", brotli(data, flavour)?)?;
    let gz = keep("gz", gzip(data, flavour)?)?;
    Ok((logical.to_owned(), path.to_owned(), data.len(), br, gz))
}

fn brotli(data: &[u8], flavour: Flavour) -> Result<Vec<u8>> {
    let quality = if flavour == Flavour::Release { 11 } else { 3 };
    let mut out = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut out, 1 << 16, quality, 22);
    writer.write_all(data)?;
    drop(writer);
    Ok(out)
}

fn gzip(data: &[u8], flavour: Flavour) -> Result<Vec<u8>> {
    let level = if flavour == Flavour::Release { flate2::Compression::best() } else { flate2::Compression::fast() };
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), level);
    writer.write_all(data)?;
    Ok(writer.finish()?)
}

fn media_type(logical: &str) -> &'static str {
    match logical.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("json" | "webmanifest") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
