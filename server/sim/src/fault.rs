//! Faults as data: which requests they meet, how often, and what happens to the answer.

use serde::{Deserialize, Serialize};

/// One rule. The first rule that matches and has something left is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `GET`; unset matches any method.
    #[serde(default)]
    pub method: Option<String>,
    /// A piece of the path with its query, such as `/backups`; unset matches all.
    #[serde(default)]
    pub path: Option<String>,
    /// Matching requests that pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it meets; unset means all until removed.
    #[serde(default)]
    pub times: Option<u32>,
    pub effect: Effect,
}

/// What happens instead of, or to, the right answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// A `Status` of that code, in the API server's form; nothing is done.
    Status {
        code: u16,
        #[serde(default)]
        reason: Option<String>,
        #[serde(default)]
        message: Option<String>,
        /// Seconds, as the `Retry-After` header.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// An HTML page of that code, as a proxy in front would send.
    Html {
        code: u16,
    },
    /// Any body.
    Raw {
        code: u16,
        content_type: String,
        body: String,
    },
    /// No answer, not even headers.
    Hang,
    /// Headers and a body that drips for ever.
    Drip,
    /// The right answer, cut off in its middle with the full length announced.
    Truncated,
    /// 200 with a JSON string of that many bytes.
    Huge {
        bytes: u64,
    },
    Redirect {
        to: String,
    },
    /// The right answer, late.
    Slow {
        ms: u64,
    },
    /// The connection ends without an answer and nothing is done.
    Drop,
    /// The request is carried out, but its answer is lost.
    LostAnswer,
    /// An error that repeats the caller's credential.
    EchoCredential {
        code: u16,
    },
    /// Watches end after that time, without an error.
    WatchDropped {
        after_ms: u64,
    },
    /// Watches answer the ERROR event of a compacted resource version.
    WatchGone,
}

impl Effect {
    /// Faults of watches leave other requests alone.
    pub(crate) fn only_watches(&self) -> bool {
        matches!(self, Self::WatchDropped { .. } | Self::WatchGone)
    }
}

/// The rules of one scenario with their counts.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, faults: Vec<Fault>) {
        self.0.extend(faults);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn list(&self) -> &[Fault] {
        &self.0
    }

    /// The effect for a request, counting it down.
    pub(crate) fn meet(&mut self, method: &str, path: &str, watch: bool) -> Option<Effect> {
        for fault in &mut self.0 {
            let fits = fault.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method))
                && fault.path.as_ref().is_none_or(|p| path.contains(p.as_str()))
                && (watch || !fault.effect.only_watches());
            if !fits || fault.times == Some(0) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            return Some(fault.effect.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_skips_and_times() {
        let mut faults = Faults::default();
        faults.add(vec![Fault {
            method: Some("post".into()),
            path: Some("/backups".into()),
            skip: 1,
            times: Some(1),
            effect: Effect::Drop,
        }]);
        assert_eq!(faults.meet("GET", "/x/backups", false), None);
        assert_eq!(faults.meet("POST", "/x/backups", false), None);
        assert_eq!(faults.meet("POST", "/x/backups", false), Some(Effect::Drop));
        assert_eq!(faults.meet("POST", "/x/backups", false), None);
    }

    #[test]
    fn watch_faults_meet_watches_only() {
        let mut faults = Faults::default();
        faults.add(vec![Fault { method: None, path: None, skip: 0, times: None, effect: Effect::WatchGone }]);
        assert_eq!(faults.meet("GET", "/a", false), None);
        assert_eq!(faults.meet("GET", "/a", true), Some(Effect::WatchGone));
    }
}
