//! A way to an upstream that can be cut: what came through it breaks off, and what knocks afterwards is never answered, as with a
//! host that hangs.

use anyhow::Result;
use std::{
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// A forwarded port; its threads end with the process.
pub struct Gate {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    dead: bool,
    /// Both ends of what goes through, and what waits for an answer that never comes.
    open: Vec<TcpStream>,
}

impl Gate {
    /// A port of its own that leads to `target`.
    pub fn open(target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let gate = Self { address: listener.local_addr()?, state: Arc::default() };
        let state = gate.state.clone();
        thread::spawn(move || {
            for visitor in listener.incoming().map_while(io::Result::ok) {
                // A visitor that can't be led on just loses its connection.
                let _ = lead(&state, visitor, target);
            }
        });
        Ok(gate)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts it.
    pub fn die(&self) {
        self.turn(true);
    }

    /// Leads on again.
    pub fn live(&self) {
        self.turn(false);
    }

    fn turn(&self, dead: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.dead = dead;
        for stream in state.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn lead(state: &Mutex<State>, visitor: TcpStream, target: SocketAddr) -> io::Result<()> {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    if state.dead {
        state.open.push(visitor);
        return Ok(());
    }
    let inside = TcpStream::connect(target)?;
    for stream in [&visitor, &inside] {
        stream.set_nodelay(true)?;
        state.open.push(stream.try_clone()?);
    }
    copy(visitor.try_clone()?, inside.try_clone()?);
    copy(inside, visitor);
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        // However it ends, the other direction ends too.
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    });
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::{
        io::{Read, Write},
        time::Duration,
    };

    #[test]
    fn it_leads_on_is_cut_and_leads_on_again() {
        let echo = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let target = echo.local_addr().unwrap();
        thread::spawn(move || {
            for mut stream in echo.incoming().map_while(io::Result::ok) {
                thread::spawn(move || {
                    let mut word = [0; 4];
                    while stream.read_exact(&mut word).is_ok() && stream.write_all(&word).is_ok() {}
                });
            }
        });
        let gate = Gate::open(target).unwrap();
        let visit = || {
            let stream = TcpStream::connect(gate.address()).unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
            stream
        };
        let ask = |mut stream: &TcpStream| {
            let mut word = [0; 4];
            stream.write_all(b"ping").and_then(|()| stream.read_exact(&mut word)).map(|()| word)
        };
        let first = visit();
        assert_eq!(&ask(&first).unwrap(), b"ping");
        gate.die();
        assert!(ask(&first).is_err(), "what came through breaks off");
        let second = visit();
        let kind = ask(&second).unwrap_err().kind();
        assert!(matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut), "no answer, no end: {kind:?}");
        gate.live();
        assert_eq!(&ask(&visit()).unwrap(), b"ping");
    }
}
