//! A small HTTP/1.1 client on one kept-alive connection: enough to load a server on this machine without a
//! dependency, and thin enough that the client isn't what is measured.

use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long an answer may take before the measurement counts as broken.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Client {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
    /// `name=value; ...` of every cookie that was set.
    pub cookies: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Status, and headers with lower-case names; the body stays in the client until the next request.
pub struct Head {
    pub status: u16,
    headers: Vec<(String, String)>,
}

impl Head {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Client {
    pub fn connect(address: SocketAddr) -> Result<Self> {
        Ok(Self { address, stream: open(address)?, cookies: Vec::new(), body: Vec::new() })
    }

    /// The same session on a connection of its own.
    pub fn another(&self) -> Result<Self> {
        Ok(Self { cookies: self.cookies.clone(), ..Self::connect(self.address)? })
    }

    pub fn get(&mut self, path: &str) -> Result<Head> {
        self.send("GET", path, "", &[])?;
        self.head_and_body()
    }

    pub fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> Result<Head> {
        self.send("POST", path, kind, body)?;
        self.head_and_body()
    }

    /// Asks for an event stream and leaves it open; [`Self::line`] reads from it.
    pub fn listen(&mut self, path: &str) -> Result<Head> {
        self.send("GET", path, "", &[])?;
        self.head()
    }

    /// The next line of an open answer.
    pub fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the stream ended");
        }
        Ok(line)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// How many bytes the last answer had.
    pub fn length(&self) -> usize {
        self.body.len()
    }

    fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<()> {
        // A call that accepts a page is answered as a form is: by leading back to one.
        let accept = if kind == "application/json" { kind } else { "text/html" };
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nAccept: {accept}\r\n",
            self.address
        );
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.push_str(&format!("Cookie: {}\r\n", pairs.join("; ")));
        }
        if method == "POST" {
            request.push_str(&format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        self.stream.get_mut().write_all(&bytes)?;
        Ok(())
    }

    fn head(&mut self) -> Result<Head> {
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.context("the answer has no status")?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        for (_, cookie) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            if let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.cookies.retain(|(known, _)| known != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(Head { status, headers })
    }

    fn head_and_body(&mut self) -> Result<Head> {
        let head = self.head()?;
        self.body.clear();
        if head.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            loop {
                let size = usize::from_str_radix(self.line()?.trim(), 16).context("a chunk has no size")?;
                self.read(size)?;
                self.line()?;
                if size == 0 {
                    return Ok(head);
                }
            }
        }
        let length = head.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        self.read(length)?;
        Ok(head)
    }

    /// Appends so many bytes to the body. The standard library does it: this crate is compiled for the edit loop, and a loop of
    /// its own would be what is measured.
    fn read(&mut self, length: usize) -> Result<()> {
        let before = self.body.len();
        self.stream.by_ref().take(u64::try_from(length)?).read_to_end(&mut self.body)?;
        if self.body.len() - before < length {
            bail!("the answer ended in its middle");
        }
        Ok(())
    }
}

fn open(address: SocketAddr) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::with_capacity(1 << 16, stream))
}

/// A form body.
pub fn form(fields: &[(&str, &str)]) -> String {
    let coded = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
            out
        })
    };
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", coded(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::{net::TcpListener, thread};

    /// Answers each request on one connection with the next canned answer.
    fn server(answers: Vec<&'static str>) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            for answer in answers {
                let mut line = String::new();
                while reader.read_line(&mut line).unwrap() > 2 {
                    line.clear();
                }
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
        address
    }

    #[test]
    fn answers_of_both_kinds_are_read_on_one_connection() {
        let mut client = Client::connect(server(vec![
            "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=2\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            "HTTP/1.1 303 See Other\r\nLocation: /x\r\n\r\n",
        ]))
        .unwrap();
        assert_eq!((client.get("/").unwrap().status, client.text().as_str()), (200, "hello"));
        assert_eq!((client.get("/").unwrap().status, client.text().as_str()), (404, "abcde"));
        assert_eq!(client.cookies, [("a".to_owned(), "2".to_owned())]);
        let head = client.get("/").unwrap();
        assert_eq!((head.status, head.header("location"), client.length()), (303, Some("/x"), 0));
    }

    #[test]
    fn form_values_are_escaped() {
        assert_eq!(form(&[("name", "a b&c"), ("x", "1")]), "name=a%20b%26c&x=1");
    }
}
