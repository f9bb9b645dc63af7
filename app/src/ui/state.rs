//! States: an icon, a tone and always a word. What is well is outlined, trouble is solid; the unknown is never green.

use super::{
    icon::{Glyph, icon},
    part::{Part, el, parts, span},
};
#[cfg(feature = "ssr")]
use leptos::prelude::*;
use model::{
    connection::{CheckOutcome, Health},
    definition::Standing,
    phase::Phase,
    protection::Protection,
    recovery::PointState,
    view::NeedKind,
};

/// What a thing means to its reader; the stylesheet's `data-tone`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    Good,
    Warn,
    Bad,
    /// Moving, or something to act on.
    Live,
    #[default]
    Mute,
}

impl Tone {
    /// The attribute's value.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Live => "live",
            Self::Mute => "mute",
        }
    }

    /// The icon of a message in this tone.
    pub const fn glyph(self) -> Glyph {
        match self {
            Self::Good => Glyph::Ok,
            Self::Warn => Glyph::Warn,
            Self::Bad => Glyph::Failed,
            Self::Live | Self::Mute => Glyph::Info,
        }
    }
}

/// How a state is shown. Made from the vocabulary's own types by `From`, so that a word has one look everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    pub tone: Tone,
    pub glyph: Glyph,
    pub word: String,
    /// The upstream's own word, when we don't know what it means.
    pub raw: Option<String>,
    /// Turns while it moves.
    pub spin: bool,
}

impl Sign {
    /// A state with its own word.
    pub fn new(tone: Tone, glyph: Glyph, word: impl Into<String>) -> Self {
        Self { tone, glyph, word: word.into(), raw: None, spin: false }
    }

    /// The same look with another word: "63 %" for a running run, "Answers" in a sentence.
    #[must_use]
    pub fn say(mut self, word: impl Into<String>) -> Self {
        self.word = word.into();
        self
    }

    /// A definition's condition, the most urgent first. What Holdfast itself knows (deleting, not applied, applying)
    /// stays true while the connection is silent; what the upstream said does not.
    pub fn definition(standing: &Standing, paused: bool, health: &Health) -> Self {
        match (standing, health) {
            (Standing::Removing { .. } | Standing::Failing { .. } | Standing::Applying, _) => standing.into(),
            (_, Health::Silent { .. }) => health.into(),
            (Standing::Missing | Standing::Invalid { .. } | Standing::Drifted { .. }, _) => standing.into(),
            (Standing::Applied, _) if paused => Self::paused(),
            (Standing::Applied, _) => standing.into(),
        }
    }

    /// The same word without the green: what was well when it was last told proves nothing now.
    #[must_use]
    pub fn aged(mut self) -> Self {
        if self.tone == Tone::Good {
            self.tone = Tone::Mute;
        }
        self
    }

    pub fn paused() -> Self {
        Self::new(Tone::Warn, Glyph::Paused, "Paused")
    }
    /// Switched off by the upstream.
    pub fn off_upstream() -> Self {
        Self::new(Tone::Bad, Glyph::Off, "Off upstream")
    }
    /// Another tool owns it.
    pub fn managed_elsewhere() -> Self {
        Self::new(Tone::Mute, Glyph::Lock, "Managed elsewhere")
    }
    /// A run was due and has not begun.
    pub fn overdue() -> Self {
        Self::new(Tone::Warn, Glyph::Overdue, "Overdue")
    }
    pub fn protected() -> Self {
        Self::new(Tone::Good, Glyph::Protected, "Protected")
    }
    pub fn at_risk() -> Self {
        Self::new(Tone::Warn, Glyph::AtRisk, "At risk")
    }
    pub fn unprotected() -> Self {
        Self::new(Tone::Bad, Glyph::Unprotected, "Unprotected")
    }
    /// Protection that can't be judged, for instance while a connection is silent.
    pub fn unjudged() -> Self {
        Self::new(Tone::Mute, Glyph::Unjudged, "Unknown")
    }
}

impl From<&Phase> for Sign {
    fn from(phase: &Phase) -> Self {
        let (tone, glyph) = match phase {
            Phase::Queued => (Tone::Mute, Glyph::Queued),
            Phase::Running => (Tone::Live, Glyph::Running),
            Phase::Succeeded => (Tone::Good, Glyph::Ok),
            Phase::Partial => (Tone::Warn, Glyph::Partial),
            Phase::Failed => (Tone::Bad, Glyph::Failed),
            Phase::Cancelled => (Tone::Mute, Glyph::Cancelled),
            Phase::Unknown(_) => (Tone::Mute, Glyph::Unknown),
        };
        let raw = if let Phase::Unknown(raw) = phase { Some(raw.clone()) } else { None };
        Self { tone, glyph, word: phase.word().into(), raw, spin: *phase == Phase::Running }
    }
}

impl From<Phase> for Sign {
    fn from(phase: Phase) -> Self {
        Self::from(&phase)
    }
}

impl From<&Standing> for Sign {
    /// "Active" is grey: an enabled schedule is no backup.
    fn from(standing: &Standing) -> Self {
        match standing {
            Standing::Applied => Self::new(Tone::Mute, Glyph::Active, "Active"),
            Standing::Applying => Self::new(Tone::Live, Glyph::Queued, "Applying"),
            Standing::Failing { .. } => Self::new(Tone::Bad, Glyph::Failed, "Failed to apply"),
            Standing::Invalid { .. } => Self::new(Tone::Bad, Glyph::Failed, "Refused upstream"),
            Standing::Drifted { .. } => Self::new(Tone::Warn, Glyph::Drift, "Drifted"),
            Standing::Missing => Self::new(Tone::Bad, Glyph::Off, "Gone upstream"),
            Standing::Removing { stuck: None } => Self::new(Tone::Live, Glyph::Queued, "Being deleted"),
            Standing::Removing { stuck: Some(_) } => Self::new(Tone::Bad, Glyph::Failed, "Failed to delete"),
        }
    }
}

impl From<&Health> for Sign {
    fn from(health: &Health) -> Self {
        match health {
            Health::New => Self::new(Tone::Mute, Glyph::Unknown, "Not asked yet"),
            Health::Answers => Self::new(Tone::Good, Glyph::Ok, "Answers"),
            Health::Slowed { .. } => Self::new(Tone::Warn, Glyph::Warn, "Slowed"),
            Health::Silent { .. } => Self::new(Tone::Mute, Glyph::Silent, "Silent"),
        }
    }
}

impl From<&PointState> for Sign {
    fn from(state: &PointState) -> Self {
        let (tone, glyph) = match state {
            PointState::Whole => (Tone::Good, Glyph::Ok),
            PointState::Partial => (Tone::Warn, Glyph::Partial),
            PointState::Deleting => (Tone::Live, Glyph::Queued),
            PointState::Unknown(_) => (Tone::Mute, Glyph::Unknown),
        };
        let raw = if let PointState::Unknown(raw) = state { Some(raw.clone()) } else { None };
        Self { tone, glyph, word: state.word().into(), raw, spin: false }
    }
}

impl From<Protection> for Sign {
    fn from(protection: Protection) -> Self {
        match protection {
            Protection::Protected => Self::protected(),
            Protection::AtRisk => Self::at_risk(),
            Protection::Unprotected => Self::unprotected(),
            Protection::Unknown => Self::unjudged(),
        }
    }
}

impl From<CheckOutcome> for Sign {
    fn from(outcome: CheckOutcome) -> Self {
        match outcome {
            CheckOutcome::Good => Self::new(Tone::Good, Glyph::Ok, "Passed"),
            CheckOutcome::Warning => Self::new(Tone::Warn, Glyph::Warn, "Passed with a warning"),
            CheckOutcome::Bad => Self::new(Tone::Bad, Glyph::Failed, "Failed"),
            CheckOutcome::NotTried => Self::new(Tone::Mute, Glyph::Cancelled, "Not tried"),
        }
    }
}

impl From<NeedKind> for Sign {
    fn from(kind: NeedKind) -> Self {
        match kind {
            NeedKind::Unprotected => Self::unprotected(),
            NeedKind::Failed => Self::from(Phase::Failed),
            NeedKind::Partial => Self::from(Phase::Partial),
            NeedKind::Unclear => Self::new(Tone::Mute, Glyph::Unknown, "Unknown"),
            NeedKind::Cancelled => Self::from(Phase::Cancelled),
            NeedKind::NotApplied => Self::new(Tone::Bad, Glyph::Failed, "Failed to apply"),
            NeedKind::NotRemoved => Self::new(Tone::Bad, Glyph::Failed, "Failed to delete"),
            NeedKind::Invalid => Self::new(Tone::Bad, Glyph::Failed, "Refused upstream"),
            NeedKind::Drifted => Self::new(Tone::Warn, Glyph::Drift, "Drifted"),
            NeedKind::Missing => Self::from(&Standing::Missing),
            NeedKind::NotPickedUp => Self::new(Tone::Warn, Glyph::Overdue, "Not picked up"),
            NeedKind::Overdue => Self::overdue(),
            NeedKind::Silent => Self::new(Tone::Mute, Glyph::Silent, "Silent"),
            NeedKind::Refused => Self::new(Tone::Bad, Glyph::Failed, "Refused"),
        }
    }
}

/// A state: icon and word, with the raw word of an unknown one.
pub fn state(of: Sign) -> Part {
    state_in("state", of)
}

fn state_in(class: &'static str, of: Sign) -> Part {
    let raw = of.raw.map(|raw| parts([Part::from(" "), el("code").class("raw").put(raw).into()]));
    span(class)
        .attr("data-tone", of.tone.key())
        .attr("data-spin", of.spin)
        .put(icon(of.glyph))
        .put(of.word)
        .put(raw)
        .into()
}

/// The same in a page of the server.
#[cfg(feature = "ssr")]
#[component]
pub fn State(
    #[prop(into)] of: Sign,
    /// On a ground of its tone, beside an h1.
    #[prop(optional)]
    tag: bool,
) -> impl IntoView {
    state_in(if tag { "state state-tag" } else { "state" }, of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unproven_is_green() {
        let silent = Health::Silent {
            reason: String::new(),
            remedy: String::new(),
            since: model::Millis(0),
            tries: 1,
            next_try: None,
        };
        for sign in [
            Sign::from(Phase::Unknown("Finishing".into())),
            Sign::from(&PointState::Unknown("Odd".into())),
            Sign::from(&Standing::Applied),
            Sign::from(&Health::New),
            Sign::from(&silent),
            Sign::from(CheckOutcome::NotTried),
            Sign::unjudged(),
        ] {
            assert_ne!(sign.tone, Tone::Good, "{sign:?}");
        }
        assert_eq!(Sign::from(Phase::Unknown("Finishing".into())).raw.as_deref(), Some("Finishing"));
    }

    #[test]
    fn our_own_knowledge_outlives_a_silent_upstream() {
        let silent = Health::Silent {
            reason: String::new(),
            remedy: String::new(),
            since: model::Millis(0),
            tries: 1,
            next_try: None,
        };
        let word = |s: &Standing, paused, h: &Health| Sign::definition(s, paused, h).word;
        assert_eq!(word(&Standing::Applying, false, &silent), "Applying");
        assert_eq!(word(&Standing::Applied, true, &silent), "Silent");
        assert_eq!(word(&Standing::Applied, true, &Health::Answers), "Paused");
        assert_eq!(word(&Standing::Drifted { fields: vec![] }, true, &Health::Answers), "Drifted");
        assert_eq!(word(&Standing::Applied, false, &Health::Answers), "Active");
    }
}
