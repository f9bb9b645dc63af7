//! The cookies: the session's, and the colours that a browser chose.
//!
//! The session's is `SameSite=Lax`, not `Strict`: with `Strict`, a link to a failed run in a mail or a chat would open the
//! sign-in page although one is signed in. What Lax lets through (top-level GETs from elsewhere) changes nothing here:
//! everything that changes something is a POST, and every POST is checked by its Origin.

use axum::http::{HeaderMap, HeaderValue, header};

/// How cookies are named and marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookies {
    /// Browsers reach the console over HTTPS.
    pub secure: bool,
}

impl Cookies {
    /// The session cookie's name. Browsers take `__Host-` only with Secure, for this host alone and for all paths.
    pub fn name(self) -> &'static str {
        if self.secure { "__Host-holdfast" } else { "holdfast" }
    }

    /// Sets the session cookie for `seconds`; the server's own expiry is what counts.
    pub fn session(self, token: &str, seconds: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        value(format!("{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.name()))
    }

    /// Takes the session cookie away.
    pub fn gone(self) -> HeaderValue {
        self.session("", 0)
    }

    /// Keeps which colours a browser asked for; nothing secret.
    pub fn theme(self, key: &'static str) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        value(format!("{}={key}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}", app::shell::Theme::COOKIE))
    }

    /// The session's token, when the browser sent one.
    pub fn token(self, headers: &HeaderMap) -> Option<&str> {
        read(headers, self.name()).filter(|token| !token.is_empty())
    }
}

fn value(text: String) -> HeaderValue {
    // Tokens are base64 and everything else is fixed text, so that it always is a header value.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A cookie's value.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[test]
    fn marks_and_reads() {
        let over_tls = Cookies { secure: true };
        assert_eq!(
            over_tls.session("t0", 60).to_str().unwrap(),
            "__Host-holdfast=t0; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(!Cookies { secure: false }.session("t0", 60).to_str().unwrap().contains("Secure"));
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=b; theme=dark; __Host-holdfast=t0".parse().unwrap());
        assert_eq!(over_tls.token(&headers), Some("t0"));
        assert_eq!(read(&headers, "theme"), Some("dark"));
        assert_eq!(Cookies { secure: false }.token(&headers), None);
    }
}
