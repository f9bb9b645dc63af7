//! Counting: what the test runners printed, summed for the closing line of the whole run.

use std::{fmt, ops::AddAssign};

/// Results of tests, or of checks that count as one test each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
    /// So many passed only at another try. A few are told; more than [`FLAKY`] are failures.
    pub flaky: usize,
}

/// Tests of one level (the crates', the browser's) that may pass at their second try only.
pub const FLAKY: usize = 2;

impl Tally {
    const NONE: Self = Self { passed: 0, failed: 0, skipped: 0, flaky: 0 };
    pub const PASSED: Self = Self { passed: 1, ..Self::NONE };
    pub const FAILED: Self = Self { failed: 1, ..Self::NONE };
    pub const SKIPPED: Self = Self { skipped: 1, ..Self::NONE };

    /// A check that counts as one test.
    pub fn of(ok: bool) -> Self {
        if ok { Self::PASSED } else { Self::FAILED }
    }

    /// A runner's own count, corrected by its exit status: one that fails without naming a failed test (a crash, a
    /// compile error) or that succeeds without having run anything counts as one failure.
    pub fn of_run(mut self, succeeded: bool) -> Self {
        if (!succeeded && self.failed == 0) || (succeeded && self.passed == 0) {
            self.failed += 1;
        }
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.flaky += other.flaky;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// Sums cargo's lines: `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; ...`.
pub fn of_cargo(printed: &str) -> Tally {
    let mut sum = Tally::default();
    for line in printed.lines() {
        // Not at the start of the line: a test that prints without a line end pushes it to the right.
        let Some((_, counts)) = line.split_once("test result: ") else { continue };
        let counts = counts.split_once(". ").map_or(counts, |(_, counts)| counts);
        for part in counts.split(';') {
            match numbered(part) {
                Some((n, "passed")) => sum.passed += n,
                Some((n, "failed")) => sum.failed += n,
                Some((n, "ignored")) => sum.skipped += n,
                _ => {}
            }
        }
    }
    sum
}

/// Reads the end of Playwright's output: `  24 passed (1.2m)`, `  1 failed`, `  2 skipped`, `  1 did not run`.
pub fn of_playwright(printed: &str) -> Tally {
    let mut sum = Tally::default();
    for line in printed.lines() {
        let Some((n, word)) = numbered(line) else { continue };
        match word.split(" (").next() {
            Some("passed") => sum.passed += n,
            Some("flaky") => {
                sum.flaky += n;
                // A gate's machine may be busy at the wrong moment; what holds only sometimes does not hold.
                if n > FLAKY {
                    sum.failed += n;
                } else {
                    sum.passed += n;
                }
            }
            Some("failed" | "interrupted" | "did not run") => sum.failed += n,
            Some("skipped") => sum.skipped += n,
            _ => {}
        }
    }
    sum
}

fn numbered(text: &str) -> Option<(usize, &str)> {
    let (number, word) = text.trim().split_once(' ')?;
    Some((number.parse().ok()?, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_lines_are_summed() {
        let printed = "running 3 tests\ntest a ... ok\n\
             test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
             noise test result: FAILED. 1 passed; 2 failed; 4 ignored; 0 measured; 9 filtered out; finished in 1s\n";
        assert_eq!(of_cargo(printed), Tally { passed: 4, failed: 2, skipped: 4, flaky: 0 });
    }

    #[test]
    fn playwright_lines_are_summed() {
        let printed = "Running 9 tests using 1 worker\n  ok 1 passed test (1s)\n\n  1 failed\n    [x] > a.spec.ts\n  \
             1 flaky\n  2 skipped\n  3 did not run\n  24 passed (1.2m)\n";
        assert_eq!(of_playwright(printed), Tally { passed: 25, failed: 4, skipped: 2, flaky: 1 });
    }

    #[test]
    fn a_run_that_dies_or_runs_nothing_is_a_failure() {
        assert_eq!(of_cargo("error: could not compile").of_run(false), Tally::FAILED);
        assert_eq!(of_cargo("").of_run(true), Tally::FAILED);
        let failed = Tally { passed: 3, failed: 2, ..Tally::default() };
        assert_eq!(failed.of_run(false), failed);
        let good = Tally { passed: 3, skipped: 1, ..Tally::default() };
        assert_eq!(good.of_run(true), good);
    }

    #[test]
    fn the_closing_line_has_the_form_that_gates_read() {
        let tally = |passed, failed, skipped, flaky| Tally { passed, failed, skipped, flaky }.to_string();
        assert_eq!(tally(5, 0, 0, 0), "5 passed, 0 failed");
        assert_eq!(tally(5, 1, 2, 0), "5 passed, 1 failed, 2 skipped");
        assert_eq!(tally(5, 2, 0, 1), "5 passed, 2 failed", "what was flaky is told before");
    }

    #[test]
    fn a_few_flaky_tests_are_told_and_more_fail_the_run() {
        let sum = of_playwright("  1 flaky\n    [x] > a.spec.ts\n  24 passed (1.2m)\n").of_run(true);
        assert_eq!(sum, Tally { passed: 25, failed: 0, skipped: 0, flaky: 1 });
        let sum = of_playwright("  3 flaky\n  24 passed (1.2m)\n").of_run(true);
        assert_eq!(sum, Tally { passed: 24, failed: 3, skipped: 0, flaky: 3 });
    }
}
