//! From a workspace as it is typed to one that holds, and back.

use super::{LeftOut, LeftOutDraft, Rule, RuleDraft, Workspace, WorkspaceDraft};
use crate::{
    draft::{age, aged, optional},
    duration::Seconds,
    id::ConnectionId,
    invalid::Invalid,
    name::title_problem,
};

/// Rules of one workspace.
pub const RULES_MAX: usize = 50;
const LEFT_OUT_MAX: usize = 100;
/// Patterns in one field.
const PATTERNS_MAX: usize = 100;
/// Characters of one pattern: the longest DNS name.
const PATTERN_MAX: usize = 253;
const REASON_MAX: usize = 200;
/// The longest RPO, 10 years: the oldest archive that somebody still waits for.
const RPO_MAX: u64 = 10 * 366 * 86_400;

/// The workspace that a draft means, or everything that is wrong with it. `connections` are those that there are; `by` becomes the
/// author of what is left out, see [`Workspace::keep_authors`].
pub fn parse(draft: &WorkspaceDraft, connections: &[ConnectionId], by: &str) -> Result<Workspace, Invalid> {
    let mut invalid = Invalid::default();
    if let Some((code, sentence)) = title_problem(&draft.name) {
        invalid.push("name", code, sentence);
    }
    let rpo = rpo(draft, &mut invalid);
    if draft.rules.is_empty() {
        invalid.push("rules", "required", "Add a rule: what belongs to this workspace?");
    }
    if draft.rules.len() > RULES_MAX {
        invalid.push("rules", "too-many", format!("At most {RULES_MAX} rules; put patterns of one kind into one."));
    }
    if draft.left_out.len() > LEFT_OUT_MAX {
        invalid.push("left_out", "too-many", format!("At most {LEFT_OUT_MAX}; use patterns."));
    }
    let rules = draft.rules.iter().enumerate().map(|(i, one)| rule(i, one, connections, &mut invalid)).collect();
    let left_out =
        draft.left_out.iter().enumerate().filter_map(|(i, one)| left_out(i, one, by, &mut invalid)).collect();
    invalid.check(Workspace { name: draft.name.trim().to_owned(), rpo, rules, left_out })
}

fn rpo(draft: &WorkspaceDraft, invalid: &mut Invalid) -> Seconds {
    if optional(&draft.rpo).is_none() {
        invalid.push("rpo", "required", "Say how old the newest good recovery point may become.");
    }
    let rpo = age(&draft.rpo, draft.rpo_unit, "rpo", invalid).unwrap_or(Seconds(0));
    if rpo.0 > RPO_MAX {
        invalid.push("rpo", "too-long", "At most 10 years.");
    }
    rpo
}

fn rule(i: usize, draft: &RuleDraft, connections: &[ConnectionId], invalid: &mut Invalid) -> Rule {
    let before = invalid.0.len();
    let connection = optional(&draft.connection).map(ConnectionId);
    if connection.as_ref().is_some_and(|one| !connections.contains(one)) {
        let sentence = "This connection is not there any more; choose another one, or any.";
        invalid.push(format!("rules.{i}.connection"), "unknown", sentence);
    }
    let rule = Rule {
        connection,
        clusters: patterns(&draft.clusters, &format!("rules.{i}.clusters"), invalid),
        namespaces: patterns(&draft.namespaces, &format!("rules.{i}.namespaces"), invalid),
        subjects: patterns(&draft.subjects, &format!("rules.{i}.subjects"), invalid),
    };
    // It would take in everything, and an untouched row looks the same.
    if rule == Rule::default() && invalid.0.len() == before {
        let sentence = "Choose a connection or name something; * as cluster takes in everything.";
        invalid.push(format!("rules.{i}.connection"), "required", sentence);
    }
    rule
}

/// Separated by commas or blanks, without repeats, in the order typed.
fn patterns(text: &str, path: &str, invalid: &mut Invalid) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty()) {
        if let Some((code, sentence)) = pattern_problem(word) {
            invalid.push(path, code, sentence);
            return out;
        }
        if !out.iter().any(|one| one == word) {
            out.push(word.to_owned());
        }
        if out.len() > PATTERNS_MAX {
            invalid.push(path, "too-many", format!("At most {PATTERNS_MAX} names and patterns."));
            return out;
        }
    }
    out
}

fn pattern_problem(word: &str) -> Option<(&'static str, String)> {
    let length = word.chars().count();
    if length > PATTERN_MAX {
        return Some(("too-long", format!("At most {PATTERN_MAX} characters in one name; this has {length}.")));
    }
    word.chars().any(char::is_control).then(|| ("charset", "Leave out control characters.".into()))
}

/// A row without a word is none.
fn left_out(i: usize, draft: &LeftOutDraft, by: &str, invalid: &mut Invalid) -> Option<LeftOut> {
    let (pattern, reason) = (optional(&draft.pattern), optional(&draft.reason));
    if pattern.is_none() && reason.is_none() {
        return None;
    }
    let path = format!("left_out.{i}.pattern");
    match &pattern {
        None => invalid.push(path, "required", "Say what is left out: a name or a pattern."),
        Some(text) if text.contains(|c: char| c == ',' || c.is_whitespace()) => {
            invalid.push(path, "several", "One name or pattern a row; add a row for each.");
        }
        Some(text) => {
            if let Some((code, sentence)) = pattern_problem(text) {
                invalid.push(path, code, sentence);
            }
        }
    }
    let path = format!("left_out.{i}.reason");
    match &reason {
        None => invalid.push(path, "required", "Say why it is left out; whoever reads it next wants to know."),
        Some(text) if text.chars().count() > REASON_MAX => {
            invalid.push(path, "too-long", format!("At most {REASON_MAX} characters."));
        }
        Some(text) if text.chars().any(char::is_control) => {
            invalid.push(path, "charset", "Leave out line breaks and control characters.");
        }
        Some(_) => {}
    }
    Some(LeftOut { pattern: pattern.unwrap_or_default(), reason: reason.unwrap_or_default(), by: by.to_owned() })
}

impl Workspace {
    /// Gives what was left out before, in the same words, its author back.
    pub fn keep_authors(&mut self, before: &Self) {
        for one in &mut self.left_out {
            let known = before.left_out.iter().find(|old| old.pattern == one.pattern && old.reason == one.reason);
            if let Some(old) = known {
                one.by.clone_from(&old.by);
            }
        }
    }
}

impl From<&Workspace> for WorkspaceDraft {
    /// The draft that [`parse`] turns back into this workspace.
    fn from(workspace: &Workspace) -> Self {
        let (rpo, rpo_unit) = aged(Some(workspace.rpo));
        let rule = |rule: &Rule| RuleDraft {
            connection: rule.connection.as_ref().map(|one| one.0.clone()).unwrap_or_default(),
            clusters: rule.clusters.join(", "),
            namespaces: rule.namespaces.join(", "),
            subjects: rule.subjects.join(", "),
        };
        let left_out = |one: &LeftOut| LeftOutDraft { pattern: one.pattern.clone(), reason: one.reason.clone() };
        Self {
            name: workspace.name.clone(),
            rpo,
            rpo_unit,
            rules: workspace.rules.iter().map(rule).collect(),
            left_out: workspace.left_out.iter().map(left_out).collect(),
        }
    }
}
