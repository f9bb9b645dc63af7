//! One part of a workspace: what is wrong with it, in the order cause, then effect.

use super::{Ended, Evidence, Reason};
use crate::{
    definition::{Drift, Standing},
    duration::Seconds,
    pause::Pause,
    phase::Phase,
    protection::Protection,
    time::Millis,
};

/// A part, looked at.
pub(super) struct Part {
    /// The newest good point of what it takes in, its own or another definition's, that has not expired.
    pub newest: Option<Millis>,
    /// Worst first within the part: none when all is well and there is nothing to mention.
    pub said: Vec<Said>,
}

/// A reason before those that are said of a whole definition are put together.
pub(super) struct Said {
    pub reason: Reason,
    /// It is about the definition on every cluster alike.
    pub wide: bool,
}

impl Evidence {
    /// Its newest good point, where that has not expired by `now`. A point that expires at this very moment is gone.
    pub(super) fn standing_point(&self, now: Millis) -> Option<Millis> {
        self.newest_good.filter(|_| self.good_until.is_none_or(|end| end > now))
    }
}

/// Looks at one part as if its connection answered. `also`: the newest good point that others have of everything it takes in.
pub(super) fn look(evidence: &Evidence, also: Option<Millis>, rpo: Seconds, now: Millis) -> Part {
    let own = evidence.standing_point(now);
    let newest = own.max(also);
    let mut telling = Telling { evidence, said: Vec::new() };
    if own.is_none() {
        telling.nothing_to_restore(also.is_some(), now);
    }
    telling.standing();
    if own.is_some() {
        telling.newest_run();
    }
    if let Some(due) = evidence.overdue_since {
        telling.wide(Protection::AtRisk, "a run was due and has not begun".into(), Some(due));
    }
    let over = newest.map(|at| age(at, now)).filter(|age| *age > rpo);
    // What others hold as well does not go with this point.
    if own.is_some() && also.is_none() {
        telling.expiry(rpo, now);
    }
    if let Some(age) = over {
        let by = Seconds(age.0 - rpo.0).rough();
        telling.own(Protection::AtRisk, format!("its newest good point is {by} over the RPO"), newest);
    }
    telling.next_one(newest.is_none() || over.is_some());
    Part { newest, said: telling.said }
}

/// How old a point is; none in the future is younger than now, because clocks of two machines may disagree.
pub(super) fn age(at: Millis, now: Millis) -> Seconds {
    Seconds(now.since(at).unsigned_abs() / 1000)
}

struct Telling<'a> {
    evidence: &'a Evidence,
    said: Vec<Said>,
}

impl Telling<'_> {
    /// About this part alone.
    fn own(&mut self, protection: Protection, sentence: String, since: Option<Millis>) {
        let e = self.evidence;
        let subject = e.cluster.as_ref().map_or(&e.name, |cluster| &cluster.name);
        self.push(protection, subject.clone(), sentence, since, false);
    }

    /// About the definition, on whatever cluster.
    fn wide(&mut self, protection: Protection, sentence: String, since: Option<Millis>) {
        self.push(protection, self.evidence.name.clone(), sentence, since, true);
    }

    fn push(&mut self, protection: Protection, subject: String, sentence: String, since: Option<Millis>, wide: bool) {
        let definition = Some(self.evidence.definition.clone());
        self.said.push(Said { reason: Reason { protection, subject, definition, sentence, since }, wide });
    }

    /// Where others hold all that it takes in, only a run of its own that ended badly is a risk.
    fn nothing_to_restore(&mut self, others: bool, now: Millis) {
        let e = self.evidence;
        let (exposed, of_its_own) =
            if others { (Protection::AtRisk, " of its own") } else { (Protection::Unprotected, "") };
        let calm = if others { Protection::Protected } else { Protection::Unprotected };
        if let Some(end) = e.good_until.filter(|end| e.newest_good.is_some() && *end <= now) {
            return self.own(calm, "its newest good point has expired".into(), Some(end));
        }
        if let Some(last) = &e.last {
            let sentence = format!("no good recovery point{of_its_own}; {}", ended_without_point(last));
            return self.own(exposed, sentence, Some(last.at));
        }
        let yet = match (e.running.is_some(), e.next.is_some()) {
            (true, _) => " yet; a run is under way",
            (false, true) => " yet; its first run is to come",
            (false, false) => "",
        };
        self.own(calm, format!("no good recovery point{of_its_own}{yet}"), None);
    }

    fn standing(&mut self) {
        let at_risk = Protection::AtRisk;
        match &self.evidence.standing {
            Standing::Applied | Standing::Applying => {}
            Standing::Failing { reason, .. } => {
                self.wide(at_risk, format!("what is saved is not in force: {reason}"), None)
            }
            Standing::Invalid { reasons, drift } => {
                self.wide(at_risk, with("its upstream refuses to run it", reasons), None);
                self.drift(drift);
            }
            Standing::Missing => self.wide(at_risk, "what starts its runs is gone upstream".into(), None),
            Standing::Removing { .. } => {
                self.wide(at_risk, "it is being removed; no next point will come".into(), None)
            }
            Standing::Drifted { fields } => self.drift(fields),
        }
    }

    /// A change upstream is no risk by itself, but it is said; one that stops the runs is a risk.
    fn drift(&mut self, fields: &[Drift]) {
        if fields.is_empty() {
            return;
        }
        if let Some(why) = fields.iter().find(|field| field.stops_runs()) {
            let sentence = match &why.not_adoptable {
                Some(why) => format!("its schedule is switched off upstream: {why}"),
                None => "its schedule is switched off upstream".to_owned(),
            };
            return self.wide(Protection::AtRisk, sentence, None);
        }
        let names: Vec<String> = fields.iter().take(3).map(|field| field.field.clone()).collect();
        let more = if fields.len() > 3 { " and more" } else { "" };
        self.wide(Protection::Protected, format!("drifted, changed upstream: {}{more}", names.join(", ")), None);
    }

    /// The newest run, where an older point still stands.
    fn newest_run(&mut self) {
        let e = self.evidence;
        let Some(last) = &e.last else { return };
        let why = last.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let often = match e.bad_in_a_row {
            0 | 1 => String::new(),
            2 => " twice".into(),
            n => format!(" {n} times"),
        };
        let sentence = match (&last.skipped, &last.phase) {
            (Some(why), _) => format!("left out of the newest run: {why}"),
            // A partial run among them failed to bring a whole point as well.
            (_, Phase::Failed) => format!("failed{often} since the last good point{why}"),
            (_, Phase::Partial) if e.bad_in_a_row > 1 => {
                format!("not whole{often} since the last good point; the newest {}", partial(last))
            }
            (_, Phase::Partial) => format!("its newest run {}", partial(last)),
            (_, Phase::Cancelled) => "its newest run was cancelled".into(),
            (_, Phase::Unknown(word)) => format!("its newest run says “{word}”, which Holdfast does not know"),
            (_, Phase::Succeeded) if e.bad_in_a_row > 0 => {
                format!("its newest run is called good and left no whole recovery point{why}")
            }
            (_, Phase::Succeeded | Phase::Queued | Phase::Running) => return,
        };
        self.own(Protection::AtRisk, sentence, Some(last.at));
    }

    /// A point that goes before a next one can stand in for it. A run under way may still be that one.
    fn expiry(&mut self, rpo: Seconds, now: Millis) {
        let e = self.evidence;
        let Some(end) = e.good_until.filter(|_| e.running.is_none()) else { return };
        let left = age(now, end);
        match e.next {
            Some(next) if next >= end => {
                let sentence = format!("its newest good point expires in {}, before the next run", left.rough());
                self.own(Protection::AtRisk, sentence, None);
            }
            // Without a next run every point goes in the end; it matters once less is left than the RPO allows to pass. Where a
            // schedule is in force and its next moment is not known, the point may well be replaced in time.
            None if left <= rpo && (e.paused || !e.scheduled) => {
                let sentence = format!("its newest good point expires in {} and no next run is planned", left.rough());
                self.own(Protection::AtRisk, sentence, None);
            }
            _ => {}
        }
    }

    /// Why no next one comes. By itself no risk while the newest point is young enough.
    fn next_one(&mut self, exposed: bool) {
        let protection = if exposed { Protection::AtRisk } else { Protection::Protected };
        if self.evidence.paused {
            let by = self.evidence.paused_by.as_ref();
            let sentence = by.map_or_else(|| "paused".to_owned(), Pause::words);
            self.wide(protection, format!("{sentence}; no point comes until it is resumed"), by.map(|by| by.at));
        } else if !self.evidence.scheduled {
            self.wide(protection, "by hand; no next run is planned".into(), None);
        }
    }
}

/// How the newest run ended of something that has no good point.
fn ended_without_point(last: &Ended) -> String {
    let why = last.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    match (&last.skipped, &last.phase) {
        (Some(why), _) => format!("left out of the newest run: {why}"),
        (_, Phase::Failed) => format!("its newest run failed{why}"),
        (_, Phase::Partial) => format!("its newest run {}", partial(last)),
        (_, Phase::Cancelled) => "its newest run was cancelled".into(),
        (_, Phase::Unknown(word)) => format!("its newest run says “{word}”, which Holdfast does not know"),
        (_, Phase::Succeeded) => format!("its newest run is called good and nothing whole is left of it{why}"),
        (_, Phase::Queued | Phase::Running) => "a run is under way".into(),
    }
}

/// `lacks 1 of 9 volumes` where it is counted; a message is quoted as it is.
fn partial(last: &Ended) -> String {
    match &last.why {
        Some(why) if why.starts_with(|c: char| c.is_ascii_digit()) => format!("lacks {why}"),
        Some(why) => format!("is partial: {why}"),
        None => "is partial".into(),
    }
}

fn with(sentence: &str, reasons: &[String]) -> String {
    if reasons.is_empty() { sentence.to_owned() } else { format!("{sentence}: {}", reasons.join("; ")) }
}
