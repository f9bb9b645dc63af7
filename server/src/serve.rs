//! The accept loop: TLS where a certificate is given, time-outs, a cap on connections, and a drain at the end.
//!
//! `axum::serve` has none of the three. Protocols are decided by ALPN, never by sniffing: hyper-util's sniffing waits for
//! ever on a client that sends half of a preface.

pub mod tls;

use axum::{Router, body::Body};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Where a request's connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What a client may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the TLS handshake, and from the beginning of a request to the end of its headers. Also how long an idle
    /// connection is kept.
    pub headers: Duration,
    /// Connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How long requests under way may take after the stop was asked for.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { headers: Duration::from_secs(10), connections: 1024, drain: Duration::from_secs(10) }
    }
}

/// Serves until `shutdown`, then lets requests under way finish.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    app: Router,
    limits: Limits,
    shutdown: CancellationToken,
) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = next(&listener, &slots) => accepted,
        };
        let Some((stream, peer, slot)) = accepted else { continue };
        let connection = Connection { peer, app: app.clone(), limits, watcher: graceful.watcher(), tls: tls.clone() };
        tokio::spawn(async move {
            connection.run(stream).await;
            drop(slot);
        });
    }
    drop(listener);
    let open = graceful.count();
    if open > 0 {
        tracing::info!(connections = open, "waiting for requests under way");
    }
    if timeout(limits.drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests took longer than {} s and were cut", limits.drain.as_secs());
    }
}

async fn next(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, slot)),
        Err(error) => {
            // A client that left already, or no file descriptors: the latter needs a moment.
            tracing::debug!(%error, "could not accept a connection");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

struct Connection {
    peer: SocketAddr,
    app: Router,
    limits: Limits,
    watcher: Watcher,
    tls: Option<TlsAcceptor>,
}

impl Connection {
    async fn run(self, stream: TcpStream) {
        // Without it a streamed page waits 40 ms for the client's delayed acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let Some(acceptor) = self.tls.clone() else { return self.http(stream, false).await };
        match timeout(self.limits.headers, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                self.http(stream, h2).await;
            }
            Ok(Err(error)) => tracing::debug!(peer = %self.peer, %error, "TLS handshake failed"),
            Err(_) => tracing::debug!(peer = %self.peer, "TLS handshake took too long"),
        }
    }

    async fn http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S, h2: bool) {
        let (app, peer) = (self.app, self.peer);
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            app.clone().oneshot(request)
        });
        let builder = auto::Builder::new(TokioExecutor::new());
        let mut builder = if h2 { builder.http2_only() } else { builder.http1_only() };
        builder.http1().timer(TokioTimer::new()).header_read_timeout(self.limits.headers);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(self.limits.headers)
            .max_concurrent_streams(128);
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        if let Err(error) = self.watcher.watch(connection).await {
            tracing::debug!(peer = %peer, %error, "connection ended");
        }
    }
}
