//! What the demonstration suggests to whoever sees it for the first time.

use super::past::Past;
use app::paths;
use model::view::Hint;

impl Past<'_> {
    /// Things to try, the quickest to see first. What is not there is not suggested.
    pub(super) fn tour(&self) -> Vec<Hint> {
        let of = |definition: &str, sentence: &str, action: &str| {
            let id = self.definitions.get(definition)?;
            Some(hint(sentence, paths::definition(id), action))
        };
        [
            of(
                "payments-frequent",
                "It runs every five minutes: wait for its next run, or start one, and watch it move.",
                "Open payments-frequent",
            ),
            of(
                "cloud-analytics",
                "Waldur switched a schedule off, because a backup no longer fits into the project's quota. See what it says, and apply the schedule again.",
                "Open cloud-analytics",
            ),
            of(
                "ledger-fra-nightly",
                "Somebody else's Git repository has begun to manage a Schedule, and keeps its backups for three days instead of three weeks. Re-apply yours, or adopt theirs.",
                "Open ledger-fra-nightly",
            ),
            of(
                "palette-shop",
                "Palette calls last night's backup of the shop completed. On one of its two clusters it failed.",
                "Open palette-shop",
            ),
            of(
                "till-logs-daily",
                "At the Geneva branch the Velero server stands still since yesterday: nothing runs, and the newest good recovery point has expired.",
                "Open till-logs-daily",
            ),
            of(
                "shop-nightly",
                "Restore one of its recovery points into a namespace of another name, and follow it to its end.",
                "Open shop-nightly",
            ),
            Some(hint(
                "The namespace loyalty-points on zrh-prod-1 is new, and nothing protects it. Define its backup.",
                paths::NEW_DEFINITION.to_owned(),
                "New definition",
            )),
            self.connections.get(super::estate::STAGING).map(|id| {
                hint(
                    "The staging cluster loses its network every few minutes. What was seen stays, greyed, with its age.",
                    paths::connection(id),
                    "Open zrh-staging",
                )
            }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn hint(sentence: &str, link: String, action: &str) -> Hint {
    Hint { sentence: sentence.to_owned(), link, action: action.to_owned() }
}
