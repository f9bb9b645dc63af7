//! What the forms of all systems check in the same way: the address, the token, the authority, and that a stored credential is
//! kept only for the host that it was given for.

use super::Endpoint;
use model::Invalid;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use url::{Host, Url};

/// The credential for an address: the typed one, or where none is typed the stored one, but only for the same host and port: the
/// address may have been changed by somebody who must not learn it. Empty when something is wrong, which is then in `invalid`.
pub fn credential(typed: &str, address: &str, stored: Option<&Endpoint>, what: &str, invalid: &mut Invalid) -> String {
    match (typed.trim(), stored) {
        ("", Some(stored)) if same_host(address, stored) => return stored.secret.token.clone(),
        ("", Some(_)) if invalid.about("address").is_none() => {
            invalid.push("credential", "required", format!("Give the {what} again: it would be sent to another host."));
        }
        ("", Some(_)) => {}
        ("", None) => invalid.push("credential", "required", format!("Give the {what}.")),
        (token, _) => {
            check_token(token, "credential", invalid);
            return token.to_owned();
        }
    }
    String::new()
}

/// Whether an address leads where the stored one does.
pub fn same_host(address: &str, stored: &Endpoint) -> bool {
    origin(&stored.settings.address).is_some_and(|o| Some(o) == origin(address))
}

/// The authority as it was pasted; adds what is wrong with it.
pub fn authority(pasted: &str, invalid: &mut Invalid) -> String {
    let ca = pasted.trim();
    if !ca.is_empty()
        && let Err(sentence) = certificates(ca)
    {
        invalid.push("ca", "pem", sentence);
    }
    ca.to_owned()
}

/// Adds what is wrong with a token: it travels in a header.
pub fn check_token(token: &str, field: &str, invalid: &mut Invalid) {
    if token.chars().any(|c| !c.is_ascii_graphic()) {
        invalid.push(field, "charset", "A token is one word without spaces; check what was pasted.");
    } else if token.len() > 16 * 1024 {
        invalid.push(field, "too-long", "No token is longer than 16 kB; check what was pasted.");
    }
}

/// The address in a normal form, without a trailing slash; empty when something is wrong with it. `example` is shown when
/// none is given.
pub fn address(text: &str, field: &str, example: &str, invalid: &mut Invalid) -> String {
    let text = text.trim();
    if text.is_empty() {
        invalid.push(field, "required", format!("Give the API's address, such as {example}."));
        return String::new();
    }
    let Ok(url) = Url::parse(text) else {
        invalid.push(field, "url", format!("“{text}” is no address; it begins with https://."));
        return String::new();
    };
    let problem = match (url.scheme(), url.host()) {
        ("https", Some(_)) => None,
        ("http", Some(host)) if is_loopback(&host) => None,
        ("http", Some(_)) => {
            Some("Use https: over http the token could be read on the way. Only loopback addresses may be http.")
        }
        _ => Some("The address begins with https:// and names a host."),
    };
    let problem = problem.or_else(|| {
        if !url.username().is_empty() || url.password().is_some() {
            Some("Leave name and password out of the address; the credential has its own field.")
        } else if url.query().is_some() || url.fragment().is_some() {
            Some("Leave out what follows ? or #.")
        } else {
            None
        }
    });
    if let Some(sentence) = problem {
        invalid.push(field, "url", sentence);
        return String::new();
    }
    url.as_str().trim_end_matches('/').to_owned()
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
    }
}

/// Scheme, host and port.
pub fn origin(address: &str) -> Option<(String, String, Option<u16>)> {
    let url = Url::parse(address).ok()?;
    Some((url.scheme().to_owned(), url.host_str()?.to_owned(), url.port_or_known_default()))
}

/// The certificates of a PEM text as DER; or what is wrong with it.
pub fn certificates(pem: &str) -> Result<Vec<Vec<u8>>, String> {
    if pem.contains("PRIVATE KEY") {
        return Err("This holds a private key; only the authority's certificate belongs here.".into());
    }
    let mut roots = rustls::RootCertStore::empty();
    let mut out = Vec::new();
    for item in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let der = item.map_err(|_| "This can't be read as PEM; check that it was copied whole.".to_owned())?;
        roots
            .add(der.clone())
            .map_err(|_| "One of the certificates can't be read; check that it was copied whole.".to_owned())?;
        out.push(der.as_ref().to_vec());
    }
    if out.is_empty() {
        return Err("There is no certificate in this; it begins with -----BEGIN CERTIFICATE-----.".into());
    }
    Ok(out)
}
