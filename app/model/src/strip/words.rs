//! Days in words: the sentence below the strip, and the label of its picture.

use super::{Day, DayMark};
use crate::time::Millis;

/// `27 of 30 days good`, `21 of 21 due days good`, `nothing was due`. A day that still runs is not judged yet, and an idle last day
/// is only not over.
pub fn summary(days: &[Day]) -> String {
    let judged = days.iter().filter(|day| !matches!(day.mark, DayMark::Nothing | DayMark::Running)).count();
    let good = days.iter().filter(|day| day.mark == DayMark::Good).count();
    let before_today = &days[..days.len().saturating_sub(1)];
    let gaps = before_today.iter().any(|day| day.mark == DayMark::Nothing);
    match (judged, days.iter().any(|day| day.mark == DayMark::Running)) {
        (0, true) => "the first run is under way".into(),
        (0, false) => "nothing was due".into(),
        _ => {
            let (due, days) = (if gaps { "due " } else { "" }, if judged == 1 { "day" } else { "days" });
            format!("{good} of {judged} {due}{days} good")
        }
    }
}

/// The summary and every day that was not good: `27 of 30 days good; failed on 28 Oct; missed from 20 Oct to 22 Oct`. `name` puts
/// a day's beginning into words, in the reader's zone.
pub fn spoken(days: &[Day], name: impl Fn(Millis) -> String) -> String {
    let mut out = summary(days);
    let mut rest = days;
    while let Some((first, behind)) = rest.split_first() {
        let alike = behind.iter().take_while(|day| day.mark == first.mark).count();
        let (same, others) = behind.split_at(alike);
        rest = others;
        let Some(word) = first.mark.trouble() else { continue };
        out.push_str(&match same.last() {
            None => format!("; {word} on {}", name(first.begins)),
            Some(last) => format!("; {word} from {} to {}", name(first.begins), name(last.begins)),
        });
    }
    out
}

impl DayMark {
    /// The word that a person reads.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing due",
            Self::Good => "good",
            Self::Running => "running",
            Self::Overdue => "overdue",
            Self::Unknown => "unknown",
            Self::Partial => "partial",
            Self::Missed => "missed",
            Self::Failed => "failed",
        }
    }

    /// The word of a day that has to be named.
    fn trouble(self) -> Option<&'static str> {
        (!matches!(self, Self::Nothing | Self::Good)).then(|| self.word())
    }
}
