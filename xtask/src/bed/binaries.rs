//! The bed's programs: five `go build`s from four module folders, kept outside the target folder.

use crate::{
    build::hash,
    step::{run, step},
    tools,
    workspace::Workspace,
};
use anyhow::{Context, Result};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// One program and how it is linked.
struct Recipe {
    module: &'static str,
    name: &'static str,
    package: &'static str,
    /// Variables that the linker sets. Without them the API server and Velero say `v0.0.0`.
    variables: &'static [(&'static str, &'static str)],
}

const RECIPES: [Recipe; 5] = [
    Recipe { module: "etcd", name: "etcd", package: "go.etcd.io/etcd/server/v3", variables: &[] },
    Recipe {
        module: "objectstore",
        name: "versitygw",
        package: "github.com/versity/versitygw/cmd/versitygw",
        variables: &[],
    },
    Recipe {
        module: "kubernetes",
        name: "kube-apiserver",
        package: "k8s.io/kubernetes/cmd/kube-apiserver",
        variables: &[
            ("k8s.io/component-base/version.gitVersion", "v1.34.4"),
            ("k8s.io/component-base/version.gitMajor", "1"),
            ("k8s.io/component-base/version.gitMinor", "34"),
        ],
    },
    Recipe {
        module: "velero",
        name: "velero",
        package: "github.com/vmware-tanzu/velero/cmd/velero",
        variables: &[
            ("github.com/vmware-tanzu/velero/pkg/buildinfo.Version", "v1.18.3"),
            // Velero opens a second metrics port, *:8080, for which it has no option: it would take the console's.
            ("sigs.k8s.io/controller-runtime/pkg/metrics/server.DefaultBindAddress", "0"),
        ],
    },
    Recipe {
        module: "velero",
        name: "velero-plugin-for-aws",
        package: "github.com/vmware-tanzu/velero-plugin-for-aws/velero-plugin-for-aws",
        variables: &[],
    },
];

impl Recipe {
    fn linker_flags(&self) -> String {
        self.variables.iter().fold("-s -w".to_owned(), |flags, (name, value)| format!("{flags} -X {name}={value}"))
    }
}

/// The folder of the finished programs.
pub struct Binaries {
    pub dir: PathBuf,
}

impl Binaries {
    pub fn etcd(&self) -> PathBuf {
        self.dir.join("etcd")
    }
    pub fn api_server(&self) -> PathBuf {
        self.dir.join("kube-apiserver")
    }
    pub fn object_store(&self) -> PathBuf {
        self.dir.join("versitygw")
    }
    pub fn velero(&self) -> PathBuf {
        self.dir.join("velero")
    }
    pub fn plugin(&self) -> PathBuf {
        self.dir.join("velero-plugin-for-aws")
    }
}

/// Builds what the cache lacks. The cache is keyed by the module files and the recipes, so it is never stale.
pub fn build(workspace: &Workspace) -> Result<Binaries> {
    let modules = workspace.root.join("end2end/bed");
    let programs = Binaries { dir: cache()?.join(key(&modules)?) };
    fs::create_dir_all(&programs.dir)?;
    for recipe in RECIPES.iter().filter(|recipe| !programs.dir.join(recipe.name).is_file()) {
        let go = tools::go()
            .context("Go 1.26 or newer is missing; the bed's programs are built with it: https://go.dev/doc/install")?;
        step(&format!("Build {} with Go", recipe.name), || {
            let made = programs.dir.join(format!("{}.new", recipe.name));
            run(Command::new(&go)
                .args(["build", "-trimpath", "-ldflags", &recipe.linker_flags(), "-o"])
                .arg(&made)
                .arg(recipe.package)
                .env("CGO_ENABLED", "0")
                .current_dir(modules.join(recipe.module)))?;
            // Moved into place when whole: an interrupted build leaves nothing that looks finished.
            fs::rename(&made, programs.dir.join(recipe.name))?;
            Ok(())
        })?;
    }
    Ok(programs)
}

fn key(modules: &Path) -> Result<String> {
    let recipes: Vec<String> =
        RECIPES.iter().map(|recipe| format!("{} {} {}", recipe.name, recipe.package, recipe.linker_flags())).collect();
    let mut folders: Vec<PathBuf> = RECIPES.iter().map(|recipe| modules.join(recipe.module)).collect();
    folders.dedup();
    let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
    hash::of_inputs(&recipes.join("\n"), &folders)
}

fn cache() -> Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("HOLDFAST_BED_CACHE")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("holdfast/bed")))
        .or_else(|| Some(set("HOME")?.join(".cache/holdfast/bed")));
    base.context("neither HOLDFAST_BED_CACHE nor HOME is set: there is no place to keep the bed's programs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_the_second_metrics_port_are_set_by_the_linker() {
        let flags = |name: &str| RECIPES.iter().find(|recipe| recipe.name == name).map(Recipe::linker_flags);
        assert_eq!(flags("etcd").as_deref(), Some("-s -w"));
        let velero = flags("velero").unwrap_or_default();
        assert!(velero.contains("buildinfo.Version=v1.18.3") && velero.ends_with("DefaultBindAddress=0"));
    }
}
