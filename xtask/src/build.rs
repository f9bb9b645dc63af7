//! `cargo xtask build`: stylesheet, WASM, hashed and compressed site, and the one release file that embeds it.

pub mod css;
pub mod hash;
pub mod site;
pub mod wasm;

use crate::{
    clock,
    step::{run, step},
    tools,
    workspace::Workspace,
};
use anyhow::{Context, Result, anyhow};
use std::{
    fs::{self, File},
    path::PathBuf,
    process::Command,
    thread,
};

/// The environment variable through which `server/build.rs` learns which site to embed; without it the server
/// embeds nothing, so that a plain `cargo check` needs no WASM.
pub const SITE_VARIABLE: &str = "HOLDFAST_SITE";

/// How thoroughly to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// What is shipped: small WASM, the best compression, an optimised server.
    Release,
    /// The edit loop: quick to link, hardly compressed.
    Dev,
}

impl Flavour {
    /// The folder of the site for this flavour; apart, so that the edit loop never leaves its files in a release.
    pub fn site(self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Release => workspace.site(),
            Self::Dev => workspace.target.join("site-dev"),
        }
    }

    fn wasm_profile(self) -> &'static str {
        match self {
            Self::Release => "wasm-release",
            Self::Dev => "wasm-dev",
        }
    }

    /// The server's binary.
    pub fn binary(self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Release => workspace.release_binary(),
            Self::Dev => workspace.target.join("debug/holdfast"),
        }
    }
}

/// Builds everything; the returned path is the finished binary.
pub fn build(workspace: &Workspace, flavour: Flavour) -> Result<PathBuf> {
    tools::for_build(workspace)?;
    match flavour {
        // The site goes into the binary.
        Flavour::Release => {
            assets(workspace, flavour)?;
            server(workspace, flavour)?;
        }
        // Each half ends in one crate that a single core compiles for a minute: side by side the other core has work.
        Flavour::Dev => thread::scope(|scope| {
            let assets = scope.spawn(|| assets(workspace, flavour));
            let server = server(workspace, flavour);
            let assets = assets.join().map_err(|_| anyhow!("the build of the site panicked"))?;
            assets.and(server)
        })?,
    }
    Ok(flavour.binary(workspace))
}

/// Builds the browser's half into the site folder.
pub fn assets(workspace: &Workspace, flavour: Flavour) -> Result<()> {
    let css = css::compile(workspace, flavour)?;
    let wasm = step("Compile the WASM", || wasm::compile(workspace, flavour))?;
    let site = flavour.site(workspace);
    // `dev` in one terminal and `test` in another must not write the same folders at the same time.
    let turn = File::create(workspace.target.join("xtask.lock"))?;
    turn.lock()?;
    let public = workspace.root.join("public");
    let recipe = format!("{flavour:?} {}", site::RECIPE);
    let inputs = hash::of_inputs(&recipe, &[&css, &wasm, &public])?;
    if hash::is_current(&site, &inputs) {
        println!("    the site is up to date: {}", site.display());
        return Ok(());
    }
    step("Split, name and compress the site", || {
        let pkg = workspace.target.join("pkg");
        wasm::split_and_bind(&pkg, &wasm)?;
        let report = site::assemble(&site::Sources { pkg, css, public }, &site, flavour)?;
        println!("    {report}");
        hash::set_current(&site, &inputs)
    })
}

/// Compiles the server; a release has the site inside. In the edit loop it reads the site's folder instead, so that
/// a change of style alone compiles nothing, and `cargo test` finds everything compiled.
pub fn server(workspace: &Workspace, flavour: Flavour) -> Result<()> {
    let title = match flavour {
        Flavour::Release => "Compile the server (release; the first time takes some minutes)",
        Flavour::Dev => "Compile the server",
    };
    step(title, || {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--package", "server", "--bin", "holdfast"]).current_dir(&workspace.root);
        if flavour == Flavour::Release {
            cargo.arg("--release").env(SITE_VARIABLE, flavour.site(workspace));
        }
        run(&mut cargo)
    })
}

/// The verb.
pub fn verb(workspace: &Workspace) -> Result<()> {
    let start = clock::now();
    let binary = build(workspace, Flavour::Release)?;
    let size = fs::metadata(&binary).with_context(|| format!("{} was not made", binary.display()))?.len();
    println!("\n{} ({:.1} MB) in {}", binary.display(), megabytes(size), clock::spoken(start.elapsed()));
    Ok(())
}

/// Bytes as megabytes of a million.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
