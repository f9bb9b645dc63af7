//! The tables' history: files of `server/migrations`, applied in order and never changed once released.
//!
//! They are listed by hand: sqlx's macro that reads the folder brings both database drivers a second time into every build.

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};
use std::sync::LazyLock;

/// Number, name and text of each.
const FILES: [(i64, &str, &str); 5] = [
    (1, "start", include_str!("../../migrations/0001_start.sql")),
    (2, "systems", include_str!("../../migrations/0002_systems.sql")),
    (3, "policies", include_str!("../../migrations/0003_policies.sql")),
    (4, "workspaces", include_str!("../../migrations/0004_workspaces.sql")),
    (5, "next_runs", include_str!("../../migrations/0005_next_runs.sql")),
];

/// What brings a database up to date.
pub(super) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let one = |&(number, name, text): &(i64, &'static str, &'static str)| {
        Migration::new(number, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    Migrator::with_migrations(FILES.iter().map(one).collect())
});

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use std::{fs, path::Path};

    #[test]
    fn every_file_of_the_folder_is_listed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut there: Vec<String> =
            fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        there.sort();
        let listed: Vec<String> = FILES.iter().map(|(number, name, _)| format!("{number:04}_{name}.sql")).collect();
        assert_eq!(listed, there);
    }
}
