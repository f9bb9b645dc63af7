//! Certificate and key from PEM files.

use crate::config::{ConfigError, TlsFiles};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{path::Path, sync::Arc};
use tokio_rustls::TlsAcceptor;

/// Reads the files; what is wrong with them is one sentence.
pub fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, ConfigError> {
    let wrong = |setting: &str, path: &Path, what: &str| ConfigError(format!("{setting}: {} {what}.", path.display()));
    let cert = |what: &str| wrong("--tls-cert (HOLDFAST_TLS_CERT)", &files.cert, what);
    let key = |what: &str| wrong("--tls-key (HOLDFAST_TLS_KEY)", &files.key, what);
    let pem = std::fs::read(&files.cert).map_err(|e| cert(&format!("can't be read ({e})")))?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| cert("holds something that is not a certificate in PEM"))?;
    if chain.is_empty() {
        return Err(cert("holds no certificate in PEM"));
    }
    let pem = std::fs::read(&files.key).map_err(|e| key(&format!("can't be read ({e})")))?;
    let private = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| key("holds no private key in PEM"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| cert("can't be used: no TLS version is available"))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|e| key(&format!("can't be used with the certificate ({e})")))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
