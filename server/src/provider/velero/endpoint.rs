//! From the connection form to an endpoint.

pub mod kubeconfig;

use crate::provider::{Endpoint, Secret, Settings, form};
use model::{
    Invalid,
    connection::{ConnectionDraft, ProviderKind},
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

/// Velero's own default.
const NAMESPACE: &str = "velero";

/// Reads the form. An empty credential keeps the stored one, but only for the same host and port: the address may have been
/// changed by somebody who must not learn it.
pub fn endpoint(draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid> {
    let mut invalid = Invalid::default();
    let namespace = match draft.namespace.trim() {
        "" => NAMESPACE,
        given => given,
    };
    if let Some((code, sentence)) = model::name::label_problem(namespace, 63) {
        invalid.push("namespace", code, format!("“{namespace}” can't be a namespace. {sentence}"));
    }
    let read = if draft.by_kubeconfig { by_kubeconfig(draft, stored) } else { by_fields(draft, stored) };
    match read {
        Ok((mut settings, secret)) => {
            settings.namespace = namespace.to_owned();
            settings.credential_kind =
                if secret.token.is_empty() { "client certificate".into() } else { "bearer token".to_owned() };
            invalid.check(Endpoint { kind: ProviderKind::Velero, settings, secret })
        }
        Err(more) => {
            invalid.0.extend(more.0);
            Err(invalid)
        }
    }
}

fn by_kubeconfig(draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<(Settings, Secret), Invalid> {
    match (draft.kubeconfig.trim(), stored) {
        ("", Some(stored)) => Ok((stored.settings.clone(), stored.secret.clone())),
        ("", None) => Err(Invalid::one("kubeconfig", "required", "Paste the kubeconfig.")),
        (text, _) => kubeconfig::read(text),
    }
}

fn by_fields(draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<(Settings, Secret), Invalid> {
    let mut invalid = Invalid::default();
    let address = form::address(&draft.address, "address", "https://cluster.example:6443", &mut invalid);
    let ca = form::authority(&draft.ca, &mut invalid);
    let kept = stored.filter(|stored| draft.credential.trim().is_empty() && form::same_host(&address, stored));
    // A stored client certificate is kept as a whole; a token may be typed anew.
    let (secret, server_name) = match kept {
        Some(stored) => (stored.secret.clone(), stored.settings.server_name.clone()),
        None => {
            let token = form::credential(&draft.credential, &address, stored, "service account's token", &mut invalid);
            (Secret::token(token), String::new())
        }
    };
    invalid.check((Settings { address, ca, server_name, ..Settings::default() }, secret))
}

/// Checks that a client certificate and key fit TLS and each other.
fn check_identity(certificate: &str, key: &str) -> Result<(), String> {
    crate::provider::http::install_crypto();
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificate.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| "Its client certificate can't be read as PEM.".to_owned())?;
    if chain.is_empty() {
        return Err("Its client-certificate-data holds no certificate.".into());
    }
    let key =
        PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| "Its client key can't be read as PEM.".to_owned())?;
    rustls::ClientConfig::builder()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_client_auth_cert(chain, key)
        .map(|_| ())
        .map_err(|e| format!("Its client certificate and key can't be used: {e}."))
}

#[cfg(test)]
mod tests;
