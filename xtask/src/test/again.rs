//! A second try for tests of the crates that failed: alone, on a machine that does nothing else. It tells a race with a busy
//! machine from a mistake. What needed it is named and counted, and more than a few are failures all the same.

use crate::tally::{self, FLAKY, Tally};

/// What a run of `cargo test --no-fail-fast` left to be tried again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// Arguments of cargo that select a failed target: `-p server --test edge`.
    pub targets: Vec<Vec<String>>,
    /// Names of failed tests, in whichever target.
    pub names: Vec<String>,
    /// Test programs that came to their end and counted failures. One that died is not among them.
    pub ended: usize,
}

impl Failures {
    /// Reads what the test programs printed to standard output, and cargo to standard error.
    pub fn of(printed: &str, complained: &str) -> Self {
        let failed = |line: &str| Some(line.trim().strip_prefix("test ")?.strip_suffix(" ... FAILED")?.to_owned());
        let target = |line: &str| {
            let selected = line.trim().strip_prefix('`')?.strip_suffix('`')?;
            let mut words: Vec<String> = selected.split(' ').map(str::to_owned).collect();
            // Alone it is built without the server, which turns its half of the feature on.
            if selected.starts_with("-p app ") {
                words.extend(["--features".to_owned(), "ssr".to_owned()]);
            }
            selected.starts_with("-p ").then_some(words)
        };
        Self {
            targets: complained.lines().filter_map(target).collect(),
            names: printed.lines().filter_map(failed).collect(),
            ended: printed.lines().filter(|line| line.contains("test result: FAILED")).count(),
        }
    }

    /// Whether a second try can say anything: each failure has a name, no program died before its end, and they are few.
    pub fn worth_trying(&self, first: Tally) -> bool {
        let told = self.names.len() == first.failed && self.ended == self.targets.len();
        !self.targets.is_empty() && told && (1..=FLAKY).contains(&first.failed)
    }

    /// What follows `--`: these tests and no others, one after the other.
    pub fn selection(&self) -> impl Iterator<Item = &str> {
        ["--exact", "--test-threads=1"].into_iter().chain(self.names.iter().map(String::as_str))
    }
}

/// The count of both runs: a test that passed at its second try passed, and is called flaky.
pub fn both(first: Tally, printed_again: &str, succeeded: bool) -> Tally {
    let again = tally::of_cargo(printed_again);
    if !succeeded || again.failed > 0 || again.passed < first.failed {
        return first;
    }
    Tally { passed: first.passed + first.failed, failed: 0, flaky: first.flaky + first.failed, ..first }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "running 2 tests\ntest limits::forty ... FAILED\ntest limits::two ... ok\n\nfailures:\n    limits::forty\n\n\
         test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s\n";
    const COMPLAINED: &str = "     Running tests/x.rs (target/debug/deps/x-1)\nerror: test failed, to rerun pass `-p server --test x`\n\
         error: 1 target failed:\n    `-p server --test x`\n";

    #[test]
    fn failed_tests_are_found_with_their_target() {
        let failures = Failures::of(PRINTED, COMPLAINED);
        assert_eq!(failures.targets, [["-p", "server", "--test", "x"].map(str::to_owned)]);
        assert_eq!(failures.names, ["limits::forty"]);
        let first = tally::of_cargo(PRINTED).of_run(false);
        assert!(failures.worth_trying(first));
        assert_eq!(failures.selection().collect::<Vec<_>>(), ["--exact", "--test-threads=1", "limits::forty"]);
    }

    #[test]
    fn what_has_no_name_or_is_too_much_is_not_tried_again() {
        let crashed = Failures::of("", "error: 1 target failed:\n    `-p server --lib`\n");
        assert!(!crashed.worth_trying(Tally::FAILED));
        let many: String = (0..=FLAKY).map(|n| format!("test t{n} ... FAILED\n")).collect();
        let many = many + "test result: FAILED. 0 passed; 3 failed; 0 ignored\n";
        let failures = Failures::of(&many, COMPLAINED);
        assert!(!failures.worth_trying(Tally { failed: FLAKY + 1, ..Tally::default() }));
        assert!(!Failures::default().worth_trying(Tally::default()));
    }

    #[test]
    fn a_program_that_died_is_not_made_good_by_another_ones_test() {
        let both = format!("{COMPLAINED}    `-p server --test y`\n");
        let failures = Failures::of(PRINTED, &both);
        assert!(!failures.worth_trying(tally::of_cargo(PRINTED).of_run(false)), "y printed nothing");
        let died = Failures::of("test a ... FAILED\ntest b ...", COMPLAINED);
        assert!(!died.worth_trying(Tally::default().of_run(false)), "what came after b is unknown");
    }

    #[test]
    fn the_pages_are_built_for_the_server() {
        let failures = Failures::of("", "error: 1 target failed:\n    `-p app --test pages`\n");
        assert_eq!(failures.targets[0].join(" "), "-p app --test pages --features ssr");
    }

    #[test]
    fn only_what_passes_the_second_time_has_passed() {
        let first = Tally { passed: 7, failed: 1, ..Tally::default() };
        let good = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 1s\n";
        assert_eq!(both(first, good, true), Tally { passed: 8, failed: 0, flaky: 1, ..first });
        let bad = "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 9 filtered out; finished in 1s\n";
        assert_eq!(both(first, bad, false), first);
        assert_eq!(both(first, "", true), first, "nothing ran");
    }
}
