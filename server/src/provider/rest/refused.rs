//! From an answer that isn't a good one to our own error: what happened, what to do, which field it is about.

use super::{Reply, Rest};
use crate::provider::{
    ErrorKind, ProviderError,
    answer::{self, full_stop},
};
use ::http::{HeaderMap, StatusCode, header};
use model::Invalid;
use serde_json::Value;

impl Rest {
    /// What an answer that isn't 2xx means.
    pub(super) fn refused(
        &self,
        operation: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> ProviderError {
        let (system, code) = (self.dialect.system, status.as_u16());
        let explained = serde_json::from_slice::<Value>(body).ok().and_then(|body| (self.dialect.explain)(code, &body));
        let own = explained.is_some();
        let explained = explained.unwrap_or_default();
        let text = self.redact.apply(&explained.text);
        let said = |text_before: String| {
            if text.is_empty() { text_before } else { format!("{text_before} It says: {}", full_stop(&text)) }
        };
        let error = |kind, sentence: String, remedy: &str| ProviderError::new(kind, operation, sentence).remedy(remedy);
        let mut out = match code {
            _ if !own && !matches!(code, 429 | 503) => return self.not_its_form(operation, status, headers, body),
            400 | 413 | 415 | 422 => error(ErrorKind::Refused, said(format!("{system} refuses it ({code}).")), ""),
            401 => error(
                ErrorKind::Unauthorised,
                said(format!("{system} does not accept the credential (401).")),
                self.dialect.unauthorised,
            ),
            403 => error(
                ErrorKind::Forbidden,
                said(format!("{system} does not allow this (403).")),
                self.dialect.forbidden,
            ),
            404 => error(ErrorKind::NotFound, said("It is not there (404).".into()), ""),
            405 | 406 => error(
                ErrorKind::Refused,
                said(format!("{system} does not know this call ({code}).")),
                "This version of it may be older or newer than Holdfast knows.",
            ),
            409 => error(
                ErrorKind::Conflict,
                said("It can't be done in its present state (409).".into()),
                "It is read again and tried again.",
            ),
            412 | 428 => error(
                ErrorKind::Conflict,
                said(format!("Somebody changed it at the same time ({code}).")),
                "It is read again and tried again.",
            ),
            429 => answer::slow(operation, &said(format!("{system} asks to slow down (429)."))),
            503 if headers.contains_key(header::RETRY_AFTER) => {
                answer::slow(operation, &said(format!("{system} is not ready (503).")))
            }
            _ => error(
                ErrorKind::Broken,
                said(format!("{system} failed ({code}).")),
                "It is tried again; if it stays, look at its own log.",
            ),
        };
        if let Some(kind) = explained.kind {
            out.kind = kind;
        }
        if !explained.remedy.is_empty() {
            out.remedy = explained.remedy;
        }
        out.retry_after = answer::retry_after(headers).or(explained.retry_after);
        let mut fields = Invalid::default();
        for (path, sentence) in explained.fields {
            fields.push(path, "upstream", format!("{system} says: {}", full_stop(&self.redact.apply(&sentence))));
        }
        out.fields = fields;
        out
    }

    /// An error that isn't in the upstream's own form: a proxy's, another system's.
    fn not_its_form(&self, operation: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ProviderError {
        let (system, text) =
            (self.dialect.system, self.redact.apply(&String::from_utf8_lossy(&body[..body.len().min(4096)])));
        let html = answer::is_html(headers, &text);
        let what = match (html, text.is_empty()) {
            (true, _) => "a web page".to_owned(),
            (_, true) => "nothing".to_owned(),
            _ => format!("“{}”", text.chars().take(120).collect::<String>()),
        };
        let address = format!("Give the address of {system}'s API itself.");
        let mut out = match status.as_u16() {
            401 if !html => ProviderError::new(
                ErrorKind::Unauthorised,
                operation,
                format!("{system} does not accept the credential (401)."),
            )
            .remedy(self.dialect.unauthorised),
            403 if !html => {
                ProviderError::new(ErrorKind::Forbidden, operation, format!("{system} does not allow this (403)."))
                    .remedy(self.dialect.forbidden)
            }
            409 | 412 | 428 if !html => ProviderError::new(
                ErrorKind::Conflict,
                operation,
                format!("It can't be done in its present state ({status})."),
            ),
            400 | 422 if !html => ProviderError::new(
                ErrorKind::Refused,
                operation,
                format!("{system} refuses it ({status}), with {what}."),
            ),
            300..=399 => ProviderError::new(
                ErrorKind::NotThat,
                operation,
                format!("It answers with a redirect ({status}), which is not followed."),
            )
            .remedy(address),
            500..=599 => ProviderError::new(ErrorKind::Broken, operation, format!("It answers {status} with {what}."))
                .remedy("A proxy before it, or the server itself, is failing."),
            404 if !html && text.is_empty() => {
                ProviderError::new(ErrorKind::NotFound, operation, "It is not there (404).")
            }
            _ => ProviderError::new(
                ErrorKind::NotThat,
                operation,
                format!("{what} answers ({status}) where {system} should."),
            )
            .remedy(address),
        };
        out.retry_after = answer::retry_after(headers);
        out
    }

    /// A good answer that can't be read as what it should be.
    pub(super) fn unreadable(&self, operation: &str, reply: &Reply) -> ProviderError {
        let system = self.dialect.system;
        let text = String::from_utf8_lossy(&reply.body[..reply.body.len().min(4096)]);
        let foreign = answer::is_html(&reply.headers, &text) || !text.trim_start().starts_with(['{', '[']);
        if foreign && !text.trim().is_empty() {
            return ProviderError::new(
                ErrorKind::NotThat,
                operation,
                format!("Something else answers where {system} should."),
            )
            .remedy(format!("Give the address of {system}'s API itself."));
        }
        ProviderError::new(ErrorKind::Garbled, operation, "The answer can't be read; it may be cut off.")
            .remedy("It is tried again; if it stays, look for a proxy between Holdfast and the system.")
    }
}
