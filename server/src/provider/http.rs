//! The one configured HTTP client, for what is fetched outside an upstream's own API.
//!
//! An address to fetch from is told by the upstream, so whoever writes there chooses where this server connects. Loopback and
//! private addresses are allowed, because a storage inside the network is the usual case. Link-local addresses never are: that
//! is where clouds put their metadata service (169.254.169.254 and its like), which hands machine credentials to any process
//! that asks, and no storage lives there. The check is made on the address that is then connected to, not on the name.

use super::{ErrorKind, ProviderError};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Once},
    time::Duration,
};
use url::{Host, Url};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a body may be silent.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a fetch may take in all.
pub const WHOLE: Duration = Duration::from_secs(120);

/// Makes ring the process's TLS provider; the crates of this workspace bring no other. Cheap to repeat.
pub fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Err means that somebody installed one before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Why an address is never connected to, or `None`.
pub fn forbidden(ip: IpAddr) -> Option<&'static str> {
    const LINK_LOCAL: &str = "is link-local, where clouds keep machine credentials";
    const METADATA: &str = "is a cloud's metadata service";
    fn v4(ip: Ipv4Addr) -> Option<&'static str> {
        if ip.is_link_local() {
            Some(LINK_LOCAL)
        } else if ip == Ipv4Addr::new(100, 100, 100, 200) {
            Some(METADATA)
        } else if ip.is_unspecified() || ip.is_broadcast() || ip.is_multicast() {
            Some("is no host's address")
        } else {
            None
        }
    }
    match ip {
        IpAddr::V4(ip) => v4(ip),
        IpAddr::V6(ip) => {
            let seg = ip.segments();
            let embedded = Ipv4Addr::from((u32::from(seg[6]) << 16) | u32::from(seg[7]));
            if seg[0] & 0xffc0 == 0xfe80 {
                Some(LINK_LOCAL)
            } else if ip == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) {
                Some(METADATA)
            } else if ip.is_unspecified() || ip.is_multicast() {
                Some("is no host's address")
            } else if ip.to_ipv4_mapped().is_some() || seg[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
                // IPv4 in IPv6's clothes: mapped, and NAT64's well-known prefix.
                v4(embedded)
            } else {
                None
            }
        }
    }
}

fn forbidden_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    matches!(name.as_str(), "metadata" | "instance-data" | "metadata.google.internal" | "metadata.azure.internal")
        || name.ends_with(".metadata.google.internal")
}

/// Resolves names and refuses those that lead to a forbidden address. What it returns is what is connected to, so that a name
/// can't change its mind in between.
#[derive(Debug)]
struct Careful;

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Forbidden(String);

impl Resolve for Careful {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if forbidden_name(name.as_str()) {
                return Err(Forbidden(format!("{} is a cloud's metadata service", name.as_str())).into());
            }
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if let Some((ip, why)) = found.iter().find_map(|a| Some((a.ip(), forbidden(a.ip())?))) {
                return Err(Forbidden(format!("{} leads to {ip}, which {why}", name.as_str())).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// A client without cookies, proxies, redirects or credentials.
#[derive(Clone, Debug)]
pub struct Fetcher(reqwest::Client);

/// A body that is being read: bounded in size and in time.
pub type Body = std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, ProviderError>> + Send>>;

impl Fetcher {
    /// Fails only when the machine's trust store can't be read.
    pub fn new() -> Result<Self, ProviderError> {
        Self::trusting(&[])
    }

    /// One that also trusts these authorities (PEM, several at once), beside the well-known ones. Fails when they can't be read.
    pub fn trusting(authorities: &[u8]) -> Result<Self, ProviderError> {
        install_crypto();
        let wrong = |e: reqwest::Error| {
            let sentence = format!("The authority that its storage location names can't be read: {e}.");
            ProviderError::new(ErrorKind::Refused, "set up downloads", sentence)
        };
        let authorities = reqwest::Certificate::from_pem_bundle(authorities).map_err(wrong)?;
        reqwest::Client::builder()
            .tls_certs_merge(authorities)
            .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .no_gzip()
            .referer(false)
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(WHOLE)
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(Careful))
            .build()
            .map(Self)
            .map_err(|e| {
                ProviderError::new(ErrorKind::Broken, "set up downloads", format!("No HTTP client can be made: {e}."))
            })
    }

    /// GETs `address` and returns its status and its body, of which at most `largest` bytes are read. The address itself, which
    /// may be pre-signed, never stands in an error; only its host does.
    pub async fn get(
        &self,
        operation: &str,
        address: &str,
        largest: usize,
    ) -> Result<(http::StatusCode, Body), ProviderError> {
        let refuse = |sentence: String| ProviderError::new(ErrorKind::Refused, operation, sentence);
        let url = Url::parse(address).map_err(|_| refuse("The download's address can't be read.".into()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse(format!("The download's address begins with {}:, which is not fetched.", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("The download's address carries a name or password, which is not sent.".into()));
        }
        // Literal addresses pass no resolver.
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return Err(refuse("The download's address names no host.".into())),
        };
        if let Some((ip, why)) = literal.and_then(|ip| Some((ip, forbidden(ip)?))) {
            return Err(refuse(format!("The download's address leads to {ip}, which {why}. It is never fetched.")));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let response = self.0.get(url).send().await.map_err(|e| unreachable(operation, &host, e))?;
        let status = response.status();
        if response.content_length().is_some_and(|n| n > largest as u64) {
            return Err(too_large(operation, largest));
        }
        let operation = operation.to_owned();
        let mut read = 0usize;
        let body = response.bytes_stream().map(move |chunk| {
            let chunk = chunk.map_err(|e| {
                let what = if e.is_timeout() { "took too long" } else { "was cut off" };
                ProviderError::new(ErrorKind::Garbled, operation.as_str(), format!("The download from {host} {what}."))
            })?;
            read = read.saturating_add(chunk.len());
            if read > largest { Err(too_large(&operation, largest)) } else { Ok(chunk) }
        });
        Ok((status, Box::pin(body)))
    }
}

fn too_large(operation: &str, largest: usize) -> ProviderError {
    ProviderError::new(ErrorKind::Garbled, operation, format!("The download is larger than {} MiB.", largest >> 20))
        .remedy("Read it with the upstream's own command line.")
}

fn unreachable(operation: &str, host: &str, error: reqwest::Error) -> ProviderError {
    // The address may be pre-signed; reqwest puts it into its texts.
    let error = error.without_url();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    let mut last = String::new();
    while let Some(e) = cause {
        if let Some(why) = e.downcast_ref::<Forbidden>() {
            return ProviderError::new(ErrorKind::Refused, operation, format!("{why}. It is never fetched."));
        }
        last = e.to_string();
        cause = e.source();
    }
    let sentence = if error.is_timeout() {
        format!("{host} does not answer.")
    } else {
        format!("{host} can't be reached: {last}.")
    };
    ProviderError::new(ErrorKind::Unreachable, operation, sentence)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn link_local_is_forbidden_in_every_dress() {
        for bad in [
            "169.254.169.254",
            "169.254.0.1",
            "fe80::1",
            "febf::1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "fd00:ec2::254",
            "100.100.100.200",
            "0.0.0.0",
            "::",
        ] {
            assert!(forbidden(bad.parse().unwrap()).is_some(), "{bad}");
        }
        for good in ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "fd12::1", "203.0.113.9", "::ffff:10.0.0.1"] {
            assert!(forbidden(good.parse().unwrap()).is_none(), "{good}");
        }
    }

    #[tokio::test]
    async fn a_signed_address_stands_in_no_error() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/log?X-Amz-Signature=hunter2", listener.local_addr().unwrap());
        tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        });
        // An error without a deeper cause is shown as it says itself.
        let answer = Fetcher::new().unwrap().0.get(&address).send().await.unwrap();
        let error = answer.error_for_status().unwrap_err();
        assert!(error.to_string().contains("hunter2"), "{error}");
        let shown = unreachable("get the log", "127.0.0.1", error);
        assert!(!format!("{shown:?}").contains("hunter2"), "{shown:?}");
        assert!(shown.sentence.contains("404"), "{shown}");
    }

    #[tokio::test]
    async fn a_storage_of_a_private_authority_is_trusted_when_it_is_named() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        use tokio_rustls::rustls::{self, pki_types::pem::PemObject};
        install_crypto();
        let file = |name: &str| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edge/tls").join(name);
        let chain = vec![rustls::pki_types::CertificateDer::from_pem_file(file("cert.pem")).unwrap()];
        let key = rustls::pki_types::PrivateKeyDer::from_pem_file(file("key.pem")).unwrap();
        let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://localhost:{}/log", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
                let _ = stream.shutdown().await;
            }
        });
        let error = Fetcher::new().unwrap().get("get the log", &address, 10).await.err().unwrap();
        assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");
        let trusting = Fetcher::trusting(&std::fs::read(file("cert.pem")).unwrap()).unwrap();
        let (status, _) = trusting.get("get the log", &address, 10).await.unwrap();
        assert_eq!(status, http::StatusCode::OK);
        assert_eq!(Fetcher::trusting(b"-----BEGIN CERTIFICATE-----\nx").err().unwrap().kind, ErrorKind::Refused);
    }

    #[tokio::test]
    async fn refuses_before_connecting() {
        let fetch = Fetcher::new().unwrap();
        for bad in [
            "http://169.254.169.254/latest/meta-data",
            "http://[fe80::1]/x",
            "http://[::ffff:169.254.169.254]/",
            "http://2852039166/",
            "http://metadata.google.internal/",
            "http://metadata/",
            "ftp://127.0.0.1/",
            "http://name:hunter2@127.0.0.1/",
            "not an address",
        ] {
            let error = fetch.get("get the log", bad, 10).await.err().unwrap();
            assert_eq!(error.kind, ErrorKind::Refused, "{bad}: {error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
