//! The quality bars that neither the compiler nor clippy sees. Each returns the places that break it.

use super::{
    Tracked,
    source::{code_only, is_test, server_functions},
};
use std::path::PathBuf;

/// A bar: what it promises, and how to find what breaks it.
pub type Bar = (&'static str, fn(&[Tracked]) -> Vec<String>);

pub const ALL: &[Bar] = &[
    ("No file over 500 lines", too_long),
    ("Only the registry decides by provider kind", kind_matches),
    ("Server functions of at most three lines", fat_server_functions),
    ("No unsafe code, no silenced lint", silenced),
    ("Every crate takes the workspace's lints", lints_taken),
    ("No registry's address in the files", registries),
];

const LONGEST: usize = 500;
const LONG: usize = 300;
const SERVER_FUNCTION: usize = 3;
/// Where a decision by provider kind is at home; the icon is the one thing in the interface that differs by it.
const KIND_PLACES: [&str; 3] = ["server/src/provider.rs", "app/model/", "app/src/ui/icon.rs"];

fn rust(files: &[Tracked]) -> impl Iterator<Item = &Tracked> {
    files.iter().filter(|file| file.path.ends_with(".rs"))
}

/// Written by people: sources, scripts, styles, specs. Prose, lock files and recorded data have no length.
fn hand_written(files: &[Tracked]) -> impl Iterator<Item = &Tracked> {
    const KINDS: [&str; 8] = [".rs", ".ts", ".mjs", ".js", ".css", ".sql", ".toml", ".sh"];
    files.iter().filter(|file| KINDS.iter().any(|kind| file.path.ends_with(kind)))
}

fn too_long(files: &[Tracked]) -> Vec<String> {
    hand_written(files)
        // The stylesheet is one file by decision: its order is its meaning.
        .filter(|file| !file.path.starts_with("style/"))
        .filter(|file| file.text.lines().count() > LONGEST)
        .map(|file| format!("{}: {} lines", file.path, file.text.lines().count()))
        .collect()
}

/// Files that are allowed but worth a look.
pub fn long_files(files: &[Tracked]) -> Vec<String> {
    hand_written(files)
        .filter(|file| (LONG + 1..=LONGEST).contains(&file.text.lines().count()))
        .map(|file| format!("{}: {} lines", file.path, file.text.lines().count()))
        .collect()
}

fn kind_matches(files: &[Tracked]) -> Vec<String> {
    let decides = |line: &str| {
        let Some(at) = line.find("ProviderKind::") else { return false };
        let (before, after) = line.split_at(at);
        after.contains("=>")
            || before.contains("matches!(")
            || before.contains("if let")
            || before.trim_start().starts_with('|')
            || before.contains("== ")
            || before.contains("!= ")
            || after.contains(" == ")
            || after.contains(" != ")
    };
    places(
        rust(files).filter(|file| !is_test(&file.path) && !KIND_PLACES.iter().any(|at| file.path.starts_with(at))),
        decides,
    )
}

fn silenced(files: &[Tracked]) -> Vec<String> {
    // In halves, or this file would break its own bar.
    let banned = [
        concat!("unsa", "fe {"),
        concat!("unsa", "fe fn"),
        concat!("unsa", "fe impl"),
        concat!("unsa", "fe extern"),
        concat!("#[all", "ow("),
        concat!("#![all", "ow("),
    ];
    places(rust(files), |line| banned.iter().any(|word| line.contains(word)))
}

fn places<'a>(files: impl Iterator<Item = &'a Tracked>, broken: impl Fn(&str) -> bool) -> Vec<String> {
    files
        .flat_map(|file| {
            let code = code_only(&file.text);
            let lines: Vec<usize> =
                code.lines().enumerate().filter(|(_, line)| broken(line)).map(|(at, _)| at + 1).collect();
            lines.into_iter().map(|line| format!("{}:{line}", file.path))
        })
        .collect()
}

fn fat_server_functions(files: &[Tracked]) -> Vec<String> {
    rust(files)
        .filter(|file| file.path.starts_with("app/src/"))
        .flat_map(|file| {
            server_functions(&code_only(&file.text))
                .into_iter()
                .filter(|(_, lines)| *lines > SERVER_FUNCTION)
                .map(|(at, lines)| format!("{}:{at}: {lines} lines", file.path))
        })
        .collect()
}

fn lints_taken(files: &[Tracked]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.path.ends_with("/Cargo.toml"))
        .filter(|file| !file.text.contains("[lints]\nworkspace = true"))
        .map(|file| format!("{}: no `[lints] workspace = true`", file.path))
        .collect()
}

/// A lock file with addresses ties the build to one mirror, and a mirror's address may hold a credential.
fn registries(files: &[Tracked]) -> Vec<String> {
    let hosts = ["registry", "index", "proxy", "mirror"].map(|name| format!("://{name}."));
    files
        .iter()
        .filter(|file| !is_module_list(&file.path))
        .flat_map(|file| {
            let resolved = file.path.ends_with("package-lock.json");
            let broken = |line: &str| {
                hosts.iter().any(|host| line.contains(host.as_str()))
                    || (resolved && line.contains("\"resolved\": \"http"))
            };
            let lines: Vec<usize> =
                file.text.lines().enumerate().filter(|(_, line)| broken(line)).map(|(at, _)| at + 1).collect();
            lines.into_iter().map(|line| format!("{}:{line}", file.path))
        })
        .collect()
}

fn is_module_list(path: &str) -> bool {
    path.ends_with("go.mod") || path.ends_with("go.sum")
}

/// Absolute paths below `places` (the checkout, the home folder): they mean nothing on another machine.
pub fn machine_paths(files: &[Tracked], places: &[PathBuf]) -> Vec<String> {
    // A place of one component, such as /app, is a word of many true lines.
    let wanted: Vec<String> = places
        .iter()
        .filter(|place| place.components().count() > 2)
        .map(|place| format!("{}/", place.to_string_lossy().trim_end_matches('/')))
        .filter(|place| place.len() > 2)
        .collect();
    files
        .iter()
        .flat_map(|file| {
            file.text
                .lines()
                .enumerate()
                .filter(|(_, line)| wanted.iter().any(|place| line.contains(place.as_str())))
                .map(|(at, _)| format!("{}:{}", file.path, at + 1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(path: &str, text: &str) -> [Tracked; 1] {
        [Tracked { path: path.to_owned(), text: text.to_owned() }]
    }

    #[test]
    fn length_counts_from_501() {
        assert!(too_long(&one("a.rs", &"x\n".repeat(500))).is_empty());
        assert_eq!(too_long(&one("a.rs", &"x\n".repeat(501))), ["a.rs: 501 lines"]);
        assert_eq!(long_files(&one("a.rs", &"x\n".repeat(301))).len(), 1);
        assert!(too_long(&one("Cargo.lock", &"x\n".repeat(9000))).is_empty());
    }

    #[test]
    fn a_match_on_the_kind_is_found_and_a_mention_is_not() {
        for line in [
            "ProviderKind::Velero => 1,",
            "| ProviderKind::Astra",
            "if kind == ProviderKind::Velero {}",
            "matches!(kind, ProviderKind::Velero)",
            "if let ProviderKind::Velero = kind {}",
        ] {
            assert_eq!(kind_matches(&one("server/src/console.rs", line)).len(), 1, "{line}");
            assert!(kind_matches(&one("server/src/provider.rs", line)).is_empty());
            assert!(kind_matches(&one("server/tests/a.rs", line)).is_empty());
        }
        for line in ["kind: ProviderKind::Velero,", "// ProviderKind::Velero => no", "f(ProviderKind::Velero)"] {
            assert!(kind_matches(&one("server/src/console.rs", line)).is_empty(), "{line}");
        }
    }

    #[test]
    fn silenced_lints_are_found_in_code_alone() {
        let word = concat!("#[all", "ow(x)]");
        assert_eq!(silenced(&one("a.rs", word)), ["a.rs:1"]);
        assert!(silenced(&one("a.rs", &format!("// {word}"))).is_empty());
        assert!(silenced(&one("a.rs", "\"script-src 'unsafe-inline'\"")).is_empty());
    }

    #[test]
    fn fat_server_functions_are_found() {
        let thin = "#[server]\nasync fn a() -> R {\n  1\n  2\n  3\n}\n";
        let fat = "#[server]\nasync fn a() -> R {\n  1\n  2\n  3\n  4\n}\n";
        assert!(fat_server_functions(&one("app/src/api/a.rs", thin)).is_empty());
        assert_eq!(fat_server_functions(&one("app/src/api/a.rs", fat)), ["app/src/api/a.rs:2: 4 lines"]);
    }

    #[test]
    fn addresses_and_paths_of_one_machine_are_found() {
        let address = concat!("https", "://registry", ".example.org/x");
        assert_eq!(registries(&one("notes.md", address)).len(), 1);
        assert!(registries(&one("notes.md", "https://example.org/registry")).is_empty());
        let lock = "\"resolved\": \"https://example.org/a.tgz\"";
        assert_eq!(registries(&one("end2end/package-lock.json", lock)).len(), 1);
        let places = [PathBuf::from("/srv/someone")];
        assert_eq!(machine_paths(&one("a.md", "see /srv/someone/x"), &places), ["a.md:1"]);
        assert!(machine_paths(&one("a.md", "see /srv/someone-else"), &places).is_empty());
    }

    #[test]
    fn a_crate_without_the_lints_is_found() {
        assert_eq!(lints_taken(&one("a/Cargo.toml", "[package]")).len(), 1);
        assert!(lints_taken(&one("a/Cargo.toml", "[lints]\nworkspace = true")).is_empty());
    }
}
