//! Several Schedules that are one definition. A Schedule has one rhythm and one `ttl`, so each further tier is a Schedule of its
//! own beside the first: the same template, the same label, the definition's upstream name with `-t2`, `-t3` and so on.

use super::{back, compare};
use crate::provider::{Owned, paths::overlap};
use model::{
    Invalid,
    definition::{Definition, Drift, Retention, Schedule},
    tier::Tier,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The specs of a definition's Schedules by tier; the first is 1.
pub type Specs = BTreeMap<usize, Value>;

/// So many Schedules one definition may have. With one digit the longest name has 51 characters; Velero's own label takes the
/// whole name of a Schedule, and a label's value has 63 at most.
pub const MOST: usize = 9;

/// What the names of further Schedules have behind that of the first.
const MARK: &str = "-t";
const CODE: &str = "not-adoptable";

/// The name of a tier's Schedule.
pub fn name(upstream: &str, tier: usize) -> String {
    if tier < 2 { upstream.to_owned() } else { format!("{upstream}{MARK}{tier}") }
}

/// Which tier of a definition has this name; `None` for a name that is none of its.
pub fn number(upstream: &str, name: &str) -> Option<usize> {
    if name == upstream { Some(1) } else { further(name.strip_prefix(upstream)?.strip_prefix(MARK)?) }
}

/// The upstream name of the definition whose Schedule may have this name, and the tier. Upstream names end with six hexadecimal
/// digits, so that none of them is taken for a tier of another.
pub fn split(name: &str) -> (&str, usize) {
    let of = name.rsplit_once(MARK).and_then(|(upstream, digits)| {
        let id = upstream.rsplit_once('-')?.1;
        (id.len() == 6 && id.bytes().all(|b| b.is_ascii_hexdigit())).then_some((upstream, further(digits)?))
    });
    of.unwrap_or((name, 1))
}

fn further(digits: &str) -> Option<usize> {
    digits.parse().ok().filter(|tier: &usize| *tier > 1 && tier.to_string() == digits)
}

/// In the form of [`crate::provider::Applied::written`] and [`crate::provider::DeclaredSeen::seen`].
pub fn write(specs: &Specs) -> Value {
    let mut out = json!({"kind": "Schedule"});
    let mut tiers = Map::new();
    for (tier, spec) in specs {
        match tier {
            1 => out["spec"] = spec.clone(),
            _ => drop(tiers.insert(format!("t{tier}"), spec.clone())),
        }
    }
    if !tiers.is_empty() {
        out["tiers"] = Value::Object(tiers);
    }
    out
}

/// The reverse of [`write`]; empty for what is no Schedule.
pub fn read(value: &Value) -> Specs {
    let mut specs = Specs::new();
    if value["kind"] != json!("Schedule") {
        return specs;
    }
    specs.extend(value.get("spec").map(|spec| (1, spec.clone())));
    for (key, spec) in value["tiers"].as_object().into_iter().flatten() {
        specs.extend(key.strip_prefix('t').and_then(further).map(|tier| (tier, spec.clone())));
    }
    specs
}

/// `spec.template.ttl` of the first, `t2: spec.template.ttl` of a further one.
pub fn path(tier: usize, path: &str) -> String {
    if tier < 2 { path.to_owned() } else { format!("t{tier}: {path}") }
}

/// How the Schedules that are there differ from those that were written, field by field.
pub fn drift(ours: &Specs, theirs: &Specs) -> Vec<Drift> {
    let mut out = Vec::new();
    for tier in all(ours, theirs) {
        match (ours.get(&tier), theirs.get(&tier)) {
            (Some(a), Some(b)) => out.extend(of_tier(tier, compare::drift(a, b))),
            (a, b) => out.push(whole(tier, a, b)),
        }
    }
    explain(&mut out, theirs);
    out
}

/// The tiers of both, in order.
pub fn all<A, B>(ours: &BTreeMap<usize, A>, theirs: &BTreeMap<usize, B>) -> Vec<usize> {
    let mut tiers: Vec<usize> = ours.keys().chain(theirs.keys()).copied().collect();
    tiers.sort_unstable();
    tiers.dedup();
    tiers
}

/// The fields of one Schedule as those of its tier.
pub fn of_tier(tier: usize, drift: Vec<Drift>) -> impl Iterator<Item = Drift> {
    drift.into_iter().map(move |one| Drift { field: path(tier, &one.field), ..one })
}

/// A Schedule that is on one side alone.
pub fn whole(tier: usize, ours: Option<&Value>, theirs: Option<&Value>) -> Drift {
    let mut problems = theirs.map(|spec| back::problems(&compare::normal(spec))).unwrap_or_default();
    problems.truncate(1);
    Drift {
        field: path(tier, "spec"),
        ours: ours.map(words),
        theirs: theirs.map(words),
        not_adoptable: problems.pop().map(|(_, sentence)| sentence),
    }
}

/// `30 2 * * *, kept for 336h0m0s`.
fn words(spec: &Value) -> String {
    let spec = compare::normal(spec);
    let cron = spec["schedule"].as_str().unwrap_or("no schedule");
    match spec["template"]["ttl"].as_str() {
        Some(ttl) => format!("{cron}, kept for {ttl}"),
        None => cron.to_owned(),
    }
}

/// Says of each field in which the Schedules that are there contradict each other that it can't be adopted.
pub fn explain(drift: &mut [Drift], theirs: &Specs) {
    for (path, sentence) in contradictions(theirs) {
        for one in drift.iter_mut().filter(|one| one.not_adoptable.is_none()) {
            if overlap(&path, &one.field) {
                one.not_adoptable = Some(sentence.to_owned());
            }
        }
    }
}

/// What the Schedules of one definition would have to have in common and don't, under the path of every one of them.
fn contradictions(specs: &Specs) -> Vec<(String, &'static str)> {
    let normal: BTreeMap<usize, Value> = specs.iter().map(|(tier, spec)| (*tier, compare::normal(spec))).collect();
    let Some((lead, first)) = normal.first_key_value() else { return Vec::new() };
    let mut out = Vec::new();
    for (tier, other) in normal.iter().skip(1) {
        let mut apart = |field: &str, sentence| out.extend([lead, tier].map(|n| (path(*n, field), sentence)));
        if zone(other).is_some_and(|there| there != zone(first).flatten()) {
            apart("spec.schedule", "A definition has one time zone for all of its schedules.");
        }
        if first.get("paused") != other.get("paused") {
            apart("spec.paused", "Holdfast pauses all schedules of a definition or none.");
        }
        for key in keys(&first["template"], &other["template"]) {
            if key != "ttl" && first["template"].get(key) != other["template"].get(key) {
                apart(&format!("spec.template.{key}"), "The schedules of a definition take the same in the same way.");
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

fn keys<'a>(a: &'a Value, b: &'a Value) -> Vec<&'a String> {
    [a, b].into_iter().filter_map(Value::as_object).flat_map(Map::keys).collect()
}

/// The zone of a spec in normal form, if it says one; `None` where a zone would mean nothing.
fn zone(spec: &Value) -> Option<Option<String>> {
    let (zone, cron) = back::split_zone(spec["schedule"].as_str().unwrap_or_default());
    (!is_span(&cron)).then_some(zone)
}

/// `@every 6h` counts from the last run: it has no zone.
pub fn is_span(cron: &str) -> bool {
    cron.starts_with("@every")
}

/// The definition that the Schedules mean, under the name and connection that it has with us; or everything that a definition
/// can't say, by upstream path. Where one in between is gone, the later ones move up.
pub fn definition(owned: &Owned, specs: &Specs) -> Result<Definition, Invalid> {
    let mut invalid = Invalid::default();
    let mut read = Vec::new();
    for (tier, spec) in specs {
        match back::definition(owned, spec) {
            Ok(one) => read.push(one),
            Err(problems) => {
                problems.0.into_iter().for_each(|p| invalid.push(path(*tier, &p.path), &p.code, p.sentence))
            }
        }
    }
    for (path, sentence) in contradictions(specs) {
        invalid.push(path, CODE, sentence);
    }
    let mut read = read.into_iter();
    let Some(mut whole) = read.next() else {
        if invalid.0.is_empty() {
            invalid.push("spec", CODE, "There is no schedule left that could be taken over.");
        }
        return Err(invalid);
    };
    let zone = whole.schedule.as_ref().and_then(|schedule| schedule.zone.clone());
    let tier = |one: Definition| {
        let cron = one.schedule.map(|schedule| schedule.cron).unwrap_or_default();
        Tier { schedule: Schedule { cron, zone: zone.clone() }, retention: one.retention }
    };
    whole.further = read.map(tier).collect();
    invalid.check(whole)
}

/// What of a definition Velero can't express, beyond what the capabilities say.
pub fn express(definition: &Definition, keeps_by_age: &str) -> Invalid {
    let mut invalid = Invalid::default();
    let further = &definition.further;
    let Some(first) = &definition.schedule else {
        if !further.is_empty() {
            invalid.push("cron", "required", "Say the first schedule before the further ones.");
        }
        return invalid;
    };
    if further.len() >= MOST {
        let sentence =
            format!("At most {MOST} schedules for one definition of Velero; this has {}.", further.len() + 1);
        invalid.push("further", "too-many", sentence);
    }
    if is_span(&first.cron) && first.zone.is_some() && !further.is_empty() {
        let sentence = "@every counts from the last run and knows no zone; say a schedule with a time of day first.";
        invalid.push("zone", "useless", sentence);
    }
    for (i, tier) in further.iter().enumerate() {
        if !is_span(&tier.schedule.cron) && tier.schedule.zone != first.zone {
            let sentence = "A definition has one time zone for all of its schedules.";
            invalid.push(format!("further.{i}.cron"), "zone", sentence);
        }
        let Retention { keep_last, keep_at_least, keep_snapshots, .. } = tier.retention;
        if keep_last.or(keep_at_least).or(keep_snapshots).is_some() {
            invalid.push(format!("further.{i}.keep_last"), "refused", keeps_by_age);
        }
    }
    invalid
}

/// The draft's field of a tier, from that of the first.
pub fn draft_path(tier: usize, field: &str) -> String {
    match (tier.checked_sub(2), field) {
        (Some(row), "cron" | "keep_for") => format!("further.{row}.{field}"),
        _ => field.to_owned(),
    }
}
