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
    use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};
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

    /// Who paused what was paused before that was kept: told where the timeline leaves no doubt.
    #[tokio::test]
    async fn earlier_pauses_are_found_in_the_timeline() {
        let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        for (_, _, text) in &FILES[..4] {
            sqlx::raw_sql(*text).execute(&mut db).await.unwrap();
        }
        let mut lines = String::from("PRAGMA foreign_keys = OFF;");
        for (id, paused, told) in [
            ("plain", 1, &[(1, "saved", "ben"), (2, "paused", "ada"), (3, "applied", "")][..]),
            ("again", 1, &[(1, "paused", "ben"), (2, "resumed", "ben"), (3, "paused", "ada")]),
            ("doubt", 1, &[(1, "paused", "ben"), (2, "saved", "ada")]),
            ("born", 1, &[(1, "saved", "ada")]),
            ("runs", 0, &[(1, "paused", "ben"), (2, "resumed", "ben")]),
        ] {
            lines.push_str(&format!(
                "INSERT INTO definitions (id, name, search, connection_id, upstream_name, body, scope_words, paused, version,
                   created_at, updated_at, updated_by) VALUES ('{id}', '{id}', '', 'c', '{id}', '{{}}', '', {paused}, 1, 0, 0, 'ben');"
            ));
            for (at, kind, actor) in told {
                lines.push_str(&format!(
                    "INSERT INTO timeline (id, definition_id, at, kind, sentence, actor)
                     VALUES ('{id}-{at}', '{id}', {at}, '{kind}', '', '{actor}');"
                ));
            }
        }
        sqlx::raw_sql(AssertSqlSafe(lines)).execute(&mut db).await.unwrap();
        sqlx::raw_sql(FILES[4].2).execute(&mut db).await.unwrap();
        let rows = sqlx::query(
            "SELECT id, paused_by, paused_at FROM definitions WHERE paused_by IS NOT NULL OR paused_at IS NOT NULL ORDER BY id",
        );
        let known: Vec<(String, String, i64)> =
            rows.fetch_all(&mut db).await.unwrap().iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
        assert_eq!(known, [("again".into(), "ada".into(), 3), ("plain".into(), "ada".into(), 2)]);
    }
}
