//! What every upstream's answers have in common: an answer that never came, a certificate that is not trusted, a wait that is
//! asked for, a web page instead of an API; and the credential is taken out of whatever is repeated.

use super::{ErrorKind, ProviderError};
use crate::clock::Clock;
use http::{HeaderMap, header};
use jiff::fmt::rfc2822::DateTimeParser;
use model::Millis;
use std::{error::Error, time::Duration};

/// The longest sentence of an upstream that is passed on.
const LONGEST: usize = 600;

/// Takes the credential out of texts: an upstream, or a proxy before it, may repeat what it was sent.
#[derive(Clone, Default)]
pub struct Redaction(Vec<String>);

impl Redaction {
    /// For these secrets; empty ones are ignored.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut all: Vec<String> = secrets.into_iter().filter(|s| !s.is_empty()).collect();
        // Longest first, so that a secret which holds another one goes whole.
        all.sort_by_key(|s| std::cmp::Reverse(s.len()));
        Self(all)
    }

    /// The text without secrets, in one line, and of a bearable length.
    pub fn apply(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for secret in &self.0 {
            out = out.replace(secret.as_str(), "[redacted]");
        }
        let mut out = out.split_whitespace().collect::<Vec<_>>().join(" ");
        if out.chars().count() > LONGEST {
            out = out.chars().take(LONGEST).collect::<String>() + " …";
        }
        out
    }
}

/// The text with a full stop at its end.
pub fn full_stop(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// It asks for patience.
pub fn slow(operation: &str, sentence: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Slow, operation, sentence).remedy("Nothing: it is tried again after the wait.")
}

/// Whether a web page answers.
pub fn is_html(headers: &HeaderMap, text: &str) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let head = text.trim_start().to_ascii_lowercase();
    media.starts_with("text/html") || head.starts_with("<!doctype") || head.starts_with("<html")
}

/// The wait that it asks for: in seconds, or as a moment (RFC 9110, 10.2.3). A moment counts from what the same answer says the time
/// is, so that clocks which disagree make no wait longer or shorter; without a word of it, from our own.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let wanted = text(header::RETRY_AFTER)?;
    if let Ok(n) = wanted.parse() {
        return Some(seconds(n));
    }
    let until = moment(wanted)?;
    let now = text(header::DATE).and_then(moment).unwrap_or_else(|| Clock::system().now());
    // To the next full second: asked sooner it would refuse again.
    let wait = u64::try_from(until.since(now).max(0)).unwrap_or_default();
    Some(seconds(wait.div_ceil(1_000)))
}

/// An HTTP date as it is sent today (IMF-fixdate): `Sun, 06 Nov 1994 08:49:37 GMT`. A wrong day of the week does no harm.
fn moment(text: &str) -> Option<Millis> {
    static PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    PARSER.parse_timestamp(text).ok().map(|at| Millis(at.as_millisecond()))
}

/// At most ten minutes: a server that names a year shall not silence a connection for one.
pub fn seconds(n: u64) -> Duration {
    Duration::from_secs(n.min(600))
}

/// A call that got no answer. `address` is shown; what the libraries say is shortened to the cause.
pub fn unanswered(operation: &str, address: &str, error: &(dyn Error + 'static), redact: &Redaction) -> ProviderError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    let mut last = String::new();
    while let Some(e) = cause {
        if let Some(tls) = tls(e) {
            return untrusted(operation, tls);
        }
        if let Some(io) = e.downcast_ref::<std::io::Error>()
            && let Some(found) = io_problem(operation, address, io)
        {
            return found;
        }
        last = e.to_string();
        cause = e.source();
    }
    let text = redact.apply(&last);
    if text.contains("lookup address") || text.contains("dns error") {
        return unresolved(operation, address);
    }
    let sentence = format!("{address} does not answer: {text}.");
    ProviderError::new(ErrorKind::Unreachable, operation, sentence).remedy(LOOK)
}

const LOOK: &str = "Check the address and that this server can reach it (firewall, VPN, server down).";

/// The host's name is unknown.
pub fn unresolved(operation: &str, address: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Unreachable, operation, format!("The name in {address} is unknown."))
        .remedy("Check the spelling; the name must resolve where Holdfast runs.")
}

/// Nothing came within the limit.
pub fn timed_out(operation: &str, address: &str, after: Duration) -> ProviderError {
    ProviderError::new(
        ErrorKind::Unreachable,
        operation,
        format!("{address} did not answer within {} s.", after.as_secs().max(1)),
    )
    .remedy(LOOK)
}

fn io_problem(operation: &str, address: &str, error: &std::io::Error) -> Option<ProviderError> {
    use std::io::ErrorKind as Io;
    let sentence = match error.kind() {
        Io::ConnectionRefused => format!("{address} refuses the connection: nothing listens there."),
        Io::TimedOut => format!("{address} does not answer: the connection timed out."),
        Io::HostUnreachable | Io::NetworkUnreachable => format!("There is no way to {address}."),
        Io::ConnectionReset | Io::BrokenPipe | Io::ConnectionAborted | Io::UnexpectedEof => {
            format!("{address} closed the connection without an answer.")
        }
        _ => return None,
    };
    Some(ProviderError::new(ErrorKind::Unreachable, operation, sentence).remedy(LOOK))
}

/// The TLS error in an error. An `io::Error` hides what it carries from `source()`, and the connector nests them.
fn tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut carried = Some(error);
    while let Some(e) = carried {
        if let Some(found) = e.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        carried = e.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref).map(|inner| {
            let inner: &(dyn Error + 'static) = inner;
            inner
        });
    }
    None
}

fn untrusted(operation: &str, error: &rustls::Error) -> ProviderError {
    use rustls::{CertificateError as Cert, Error as Tls};
    let (kind, sentence, remedy) = match error {
        Tls::InvalidCertificate(Cert::UnknownIssuer | Cert::BadSignature) => (
            ErrorKind::Untrusted,
            "The certificate is not signed by the given authority.".to_owned(),
            "Paste the certificate authority (PEM) that signed it; of a Kubernetes cluster it stands in its kubeconfig.",
        ),
        Tls::InvalidCertificate(Cert::NotValidForName | Cert::NotValidForNameContext { .. }) => (
            ErrorKind::Untrusted,
            "The certificate is for another name than the address's.".to_owned(),
            "Use a name that stands in the certificate, or a kubeconfig with tls-server-name.",
        ),
        Tls::InvalidCertificate(Cert::Expired | Cert::ExpiredContext { .. }) => (
            ErrorKind::Untrusted,
            "The certificate has expired.".to_owned(),
            "Renew the server's certificate, and check the clocks of both machines.",
        ),
        Tls::InvalidCertificate(Cert::NotValidYet | Cert::NotValidYetContext { .. }) => {
            (ErrorKind::Untrusted, "The certificate is not valid yet.".to_owned(), "Check the clocks of both machines.")
        }
        Tls::InvalidCertificate(other) => (
            ErrorKind::Untrusted,
            format!("The certificate is not trusted: {other:?}."),
            "Paste the certificate authority (PEM) that signed it; of a Kubernetes cluster it stands in its kubeconfig.",
        ),
        Tls::InvalidMessage(_) => (
            ErrorKind::NotThat,
            "What answers does not speak TLS.".to_owned(),
            "Check the port: the API speaks https, often on port 443, Kubernetes' on 6443.",
        ),
        Tls::AlertReceived(alert) => (
            ErrorKind::Untrusted,
            format!("The server ended the TLS handshake: {alert:?}."),
            "If the server asks for a client certificate, check the one that was given.",
        ),
        other => (
            ErrorKind::Untrusted,
            format!("The TLS handshake failed: {other}."),
            "Check the address and the certificate.",
        ),
    };
    ProviderError::new(kind, operation, sentence).remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_as_seconds_and_as_a_moment() {
        let wait = |after: &'static str, date: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, http::HeaderValue::from_static(after));
            if !date.is_empty() {
                headers.insert(header::DATE, http::HeaderValue::from_static(date));
            }
            retry_after(&headers).map(|wait| wait.as_secs())
        };
        const NOW: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(wait(" 7 ", NOW), Some(7));
        assert_eq!(wait("100000", NOW), Some(600), "clamped");
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:07 GMT", NOW), Some(30), "by the answer's own clock");
        assert_eq!(wait("Sun, 06 Nov 2094 08:50:07 GMT", NOW), Some(600), "clamped, on a Saturday");
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:07 GMT", NOW), Some(0), "over");
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:07 GMT", ""), Some(0), "by our own clock");
        assert_eq!(wait("Sat, 01 Jan 2098 00:00:00 GMT", "soon"), Some(600));
        for nonsense in ["soon", "", "-7", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(wait(nonsense, NOW), None, "{nonsense}");
        }
    }

    #[test]
    fn a_certificate_problem_is_found_however_deep_it_is() {
        let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let nested = std::io::Error::other(std::io::Error::other(tls));
        let error = unanswered("get", "https://k8s.example", &nested, &Redaction::default());
        assert_eq!(error.kind, ErrorKind::Untrusted, "{error}");
    }

    #[test]
    fn a_secret_goes_whole_and_a_sermon_is_cut() {
        let redact = Redaction::new(["key".into(), "key-and-more".into(), String::new()]);
        assert_eq!(redact.apply("rejected  key-and-more,\n key"), "rejected [redacted], [redacted]");
        assert!(redact.apply(&"x".repeat(5000)).chars().count() < LONGEST + 5);
    }
}
