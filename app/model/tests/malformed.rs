//! A thousand malformed drafts of each sort: none panics, each refusal names a field that the draft has, and what is accepted comes
//! back as it went in.

use model::{
    ConnectionId, FieldError,
    capability::{Capabilities, Support},
    duration::Unit,
    policy::{self, PolicyDraft, PolicyTierDraft},
    workspace::{self, LeftOutDraft, Place, RuleDraft, WorkspaceDraft},
};
use serde::Serialize;
use serde_json::Value;

/// The same numbers every time (Knuth's MMIX constants).
struct Dice {
    state: u64,
    /// How many of sixteen texts are malformed, changed from draft to draft so that some are accepted.
    wild: usize,
}

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).unwrap_or_default() % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    fn unit(&mut self) -> Unit {
        [Unit::Hours, Unit::Days, Unit::Weeks][self.roll(3)]
    }

    /// Something plausible, something odd, or noise.
    fn text(&mut self, plausible: &[&str]) -> String {
        if self.roll(16) >= self.wild {
            return self.pick(plausible).to_owned();
        }
        match self.roll(3) {
            0 => self.pick(&ODD).to_owned(),
            1 => (0..self.roll(12)).map(|_| NOISE[self.roll(NOISE.len())]).collect(),
            _ => self.pick(plausible).repeat(1 + self.roll(120)),
        }
    }

    /// Mostly few, now and then far too many.
    fn many(&mut self) -> usize {
        match self.roll(20) {
            0 => 0,
            1 => 40 + self.roll(100),
            _ => 1 + self.roll(4),
        }
    }
}

const ODD: [&str; 22] = [
    "",
    " ",
    "\0",
    "0",
    "-1",
    "1e9",
    "18446744073709551616",
    "NaN",
    "\u{202e}",
    "../../etc",
    "<script>",
    "é",
    "*",
    "{}",
    "gone",
    "99999999",
    "0 0 30 2 *",
    "60 * * * *",
    "* * * * * *",
    "0-59/0 * * * *",
    "255 * * * *",
    "1-300 * * * *",
];
const NOISE: [char; 16] =
    ['a', '*', '?', '/', ',', ' ', '-', '0', '9', '@', '\n', '\u{7f}', '\u{1F600}', 'ß', '"', '\\'];
const NUMBERS: [&str; 8] = ["", "1", "7", "14", "24", "365", "9000", "007"];
const CRONS: [&str; 7] = ["30 2 * * *", "0 3 * * SUN", "0 4 1 * *", "@daily", "*/15 * * * *", "0 2 * * 0", "0 2 1 * 1"];

fn policy(dice: &mut Dice) -> PolicyDraft {
    let tiers = (0..dice.many())
        .map(|_| PolicyTierDraft {
            cron: dice.text(&CRONS),
            keep_for: dice.text(&NUMBERS),
            keep_unit: dice.unit(),
            keep_last: dice.text(&NUMBERS),
            keep_at_least: dice.text(&["", "", "1", "3"]),
            keep_snapshots: dice.text(&["", "", "0", "2"]),
        })
        .collect();
    PolicyDraft {
        name: dice.text(&["Gold", "Nightly 35 d", "Grün"]),
        zone: dice.text(&["", "", "UTC", "Europe/Zurich"]),
        rpo: dice.text(&["", "24", "26"]),
        rpo_unit: dice.unit(),
        tiers,
    }
}

fn workspace(dice: &mut Dice) -> WorkspaceDraft {
    const PATTERNS: [&str; 6] = ["", "shop", "shop-*", "a, b c", "*-?", "edge-*"];
    let rules = (0..dice.many())
        .map(|_| RuleDraft {
            connection: dice.text(&["", "zrh", "nyc"]),
            clusters: dice.text(&PATTERNS),
            namespaces: dice.text(&PATTERNS),
            subjects: dice.text(&PATTERNS),
        })
        .collect();
    let left_out = (0..dice.many())
        .map(|_| LeftOutDraft { pattern: dice.text(&PATTERNS), reason: dice.text(&["", "rebuilt from Git"]) })
        .collect();
    WorkspaceDraft {
        name: dice.text(&["storefront", "lab"]),
        rpo: dice.text(&NUMBERS),
        rpo_unit: dice.unit(),
        rules,
        left_out,
    }
}

/// Each names a field that the draft has, says something, and carries a code.
fn named(draft: &impl Serialize, errors: &[FieldError]) {
    assert!(!errors.is_empty());
    let draft = serde_json::to_value(draft).expect("a draft is JSON");
    for error in errors {
        let found = error.path.split('.').try_fold(&draft, |at: &Value, step| match at {
            Value::Array(list) => list.get(step.parse::<usize>().ok()?),
            other => other.get(step),
        });
        assert!(found.is_some(), "{} in {draft}", error.path);
        assert!(!error.code.is_empty() && error.sentence.ends_with(['.', '?']), "{error:?}");
    }
}

#[test]
fn policies() {
    let mut dice = Dice { state: 1, wild: 0 };
    let (mut good, mut bad) = (0, 0);
    let age = Capabilities {
        schedules: Support::yes(""),
        keep_for: Support::yes(""),
        tiers: Support::yes(""),
        ..Capabilities::none("It can't.")
    };
    for n in 0..3_000 {
        dice.wild = n % 6;
        let draft = policy(&mut dice);
        match policy::parse(&draft) {
            Ok(policy) => {
                good += 1;
                let back = PolicyDraft::from(&policy);
                assert_eq!(policy::parse(&back), Ok(policy.clone()), "{draft:?}");
                assert!(!policy.tiers.is_empty() && policy.rpo.is_none_or(|rpo| rpo.0 > 0));
                let _ = (policy.often(), policy.kept());
                if let Ok(fitted) = policy::fit(&policy, &age) {
                    assert_eq!(fitted.words().len(), policy.tiers.len());
                }
            }
            Err(invalid) => {
                bad += 1;
                named(&draft, &invalid.0);
            }
        }
    }
    assert!(good > 100 && bad > 1_000, "{good} good, {bad} bad");
}

#[test]
fn workspaces() {
    let mut dice = Dice { state: 2, wild: 0 };
    let (mut good, mut bad) = (0, 0);
    let connections: Vec<ConnectionId> = vec!["zrh".into(), "nyc".into()];
    let place = |name| Place {
        connection: &connections[0],
        connection_name: "zrh",
        cluster: None,
        namespace: Some(name),
        subject: None,
    };
    let places = ["shop", "shop-db", "", "é"].map(place);
    for n in 0..3_000 {
        dice.wild = n % 6;
        let draft = workspace(&mut dice);
        match workspace::parse(&draft, &connections, "ada") {
            Ok(workspace) => {
                good += 1;
                let back = WorkspaceDraft::from(&workspace);
                assert_eq!(workspace::parse(&back, &connections, "ada"), Ok(workspace.clone()), "{draft:?}");
                assert!(workspace.rpo.0 > 0 && !workspace.rules.is_empty());
                let idle = workspace.idle(&places);
                if !idle.0.is_empty() {
                    named(&draft, &idle.0);
                }
                let _ = places.iter().filter(|place| workspace.takes(place)).count();
            }
            Err(invalid) => {
                bad += 1;
                named(&draft, &invalid.0);
            }
        }
    }
    assert!(good > 100 && bad > 1_000, "{good} good, {bad} bad");
}

#[test]
fn what_a_form_leaves_out_is_empty_and_not_an_error_of_the_form() {
    let policy: PolicyDraft = serde_json::from_str("{}").expect("every field has a default");
    named(&policy, &policy::parse(&policy).expect_err("empty").0);
    let workspace: WorkspaceDraft = serde_json::from_str("{}").expect("every field has a default");
    named(&workspace, &workspace::parse(&workspace, &[], "ada").expect_err("empty").0);
}
