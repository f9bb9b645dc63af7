//! The frame of a connection test: steps in order, bounded in time; after a bad one the rest is "not tried".

use super::{
    ErrorKind, ProviderError,
    answer::{Redaction, timed_out, unanswered, unresolved},
};
use model::{
    Millis,
    connection::{CheckOutcome, CheckReport, CheckStep},
};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// The whole test.
pub const WHOLE: Duration = Duration::from_secs(10);
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// What a step is called when it is good or not tried, and when it isn't good.
pub type Title = (&'static str, &'static str);

/// The first three steps of every test.
pub const KNOWN: Title = ("The address is known", "The address is not known");
pub const OPEN: Title = ("The port is open", "The port does not open");
pub const TRUSTED: Title = ("The certificate is trusted", "The certificate is not trusted");
pub const ACCEPTED: Title = ("The credential is accepted", "The credential is not accepted");
/// A step that could not be judged, because no proper answer came.
const UNJUDGED: &str = "It does not answer as it should";

/// Collects steps.
#[derive(Debug)]
pub struct Report {
    /// What was found so far; a provider adds version, locations and rights.
    pub answer: CheckReport,
    titles: &'static [Title],
}

impl Report {
    /// An empty one, for these steps.
    pub fn new(titles: &'static [Title], now: Millis) -> Self {
        Self { answer: CheckReport { at: Some(now), ..CheckReport::default() }, titles }
    }

    /// Takes the steps within ten seconds; what was under way when the time ran out is said.
    pub async fn within(mut self, address: &str, steps: impl AsyncFnOnce(&mut Self)) -> CheckReport {
        if tokio::time::timeout(WHOLE, steps(&mut self)).await.is_err() && self.answer.steps.len() < self.titles.len() {
            let late = timed_out("test the connection", address, WHOLE);
            self.bad("address", &late);
        }
        self.finish()
    }

    /// The next step.
    pub fn add(&mut self, outcome: CheckOutcome, detail: impl Into<String>, remedy: impl Into<String>) {
        let (good, bad) = self.titles();
        let title = if matches!(outcome, CheckOutcome::Good | CheckOutcome::NotTried) { good } else { bad };
        self.push(title, outcome, detail.into(), remedy.into());
    }

    /// Of the step that comes next.
    fn titles(&self) -> (&'static str, &'static str) {
        self.titles.get(self.answer.steps.len()).copied().unwrap_or_default()
    }

    fn push(&mut self, title: &str, outcome: CheckOutcome, detail: String, remedy: String) {
        self.answer.steps.push(CheckStep { title: title.to_owned(), outcome, detail, remedy });
    }

    /// A good step.
    pub fn good(&mut self, detail: impl Into<String>) {
        self.add(CheckOutcome::Good, detail, "");
    }

    /// A bad step, about this field of the form.
    pub fn bad(&mut self, field: &str, error: &ProviderError) {
        // Without a proper answer nothing is known about certificate and credential; address and port need none.
        let unanswered =
            matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Broken | ErrorKind::Slow | ErrorKind::Garbled);
        let title = if unanswered && self.answer.steps.len() > 1 { UNJUDGED } else { self.titles().1 };
        self.push(title, CheckOutcome::Bad, error.sentence.clone(), error.remedy.clone());
        self.answer.field.get_or_insert_with(|| field.to_owned());
    }

    /// The first two steps: name and port. `None` when it ends here.
    pub async fn reach(&mut self, address: &str, redact: &Redaction) -> Option<()> {
        let url = Url::parse(address).ok()?;
        let (host, port) = (url.host_str()?.trim_matches(['[', ']']).to_owned(), url.port_or_known_default()?);
        let found: Vec<std::net::SocketAddr> =
            match tokio::time::timeout(CONNECT, tokio::net::lookup_host((host.as_str(), port))).await {
                Ok(Ok(found)) => found.collect(),
                _ => Vec::new(),
            };
        if found.is_empty() {
            self.bad("address", &unresolved("resolve", address));
            return None;
        }
        let mut shown: Vec<String> = found.iter().map(|a| a.ip().to_string()).collect();
        shown.dedup();
        self.good(shown.join(", "));
        let began = Instant::now();
        match tokio::time::timeout(CONNECT, tokio::net::TcpStream::connect(found.as_slice())).await {
            Ok(Ok(_)) => self.good(format!("port {port}, {} ms", began.elapsed().as_millis().max(1))),
            Ok(Err(e)) => {
                self.bad("address", &unanswered("connect", address, &e, redact));
                return None;
            }
            Err(_) => {
                self.bad("address", &timed_out("connect", address, CONNECT));
                return None;
            }
        }
        Some(())
    }

    fn finish(mut self) -> CheckReport {
        while self.answer.steps.len() < self.titles.len() {
            self.add(CheckOutcome::NotTried, "", "");
        }
        self.answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLES: [Title; 5] = [KNOWN, OPEN, TRUSTED, ACCEPTED, ("It is there", "It is not to be seen")];

    /// The title of the bad step after so many good ones.
    fn title(good: usize, kind: ErrorKind) -> String {
        let mut report = Report::new(&TITLES, Millis(0));
        (0..good).for_each(|_| report.good(""));
        report.bad("address", &ProviderError::new(kind, "test", "Said by the test."));
        report.answer.steps.swap_remove(good).title
    }

    #[test]
    fn a_bad_step_does_not_say_that_it_is_good() {
        assert_eq!(title(0, ErrorKind::Unreachable), "The address is not known");
        assert_eq!(title(1, ErrorKind::Unreachable), "The port does not open");
        assert_eq!(title(2, ErrorKind::Untrusted), "The certificate is not trusted");
        assert_eq!(title(2, ErrorKind::Unreachable), UNJUDGED, "a certificate that nobody saw is not called bad");
        assert_eq!(title(3, ErrorKind::Unauthorised), "The credential is not accepted");
        assert_eq!(title(3, ErrorKind::Broken), UNJUDGED);
        assert_eq!(title(4, ErrorKind::NotInstalled), "It is not to be seen");
    }

    #[test]
    fn what_was_not_tried_keeps_its_name() {
        let mut report = Report::new(&TITLES, Millis(0));
        report.bad("address", &ProviderError::new(ErrorKind::Unreachable, "test", "Said by the test."));
        let report = report.finish();
        assert_eq!(report.steps.len(), TITLES.len());
        for (step, (good, _)) in report.steps.iter().zip(TITLES).skip(1) {
            assert_eq!((step.outcome, step.title.as_str()), (CheckOutcome::NotTried, good));
        }
    }
}
