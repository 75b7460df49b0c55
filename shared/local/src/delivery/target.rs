//! Where events go, and one delivery there.

use std::fmt;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Connecting on one machine takes no time; this is for a port that nobody answers.
const CONNECT: Duration = Duration::from_secs(5);
/// A function invoked synchronously may take as long as Lambda's default of a minute allows for.
const ANSWER: Duration = Duration::from_secs(60);
/// Only the status line of an answer is looked at.
const STATUS_LINE_MAX: usize = 4_096;

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// POST as JSON.
    Url {
        /// `host:port`.
        authority: String,
        /// Path and query.
        path: String,
    },
    /// Standard input of a shell command.
    Command(String),
}

impl Target {
    /// Reads `http://host:port/path`.
    ///
    /// # Errors
    /// What was found, and an example.
    pub fn url(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}`, expected for example http://127.0.0.1:4599/2015-03-31/functions/F/invocations");
        let rest = text.strip_prefix("http://").ok_or_else(wrong)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.is_empty() || host.contains('@') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong());
        }
        let port_there = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let authority = if port_there { host.to_owned() } else { format!("{host}:80") };
        Ok(Self::Url { authority, path: format!("/{path}") })
    }

    /// Delivers one event.
    ///
    /// # Errors
    /// Nobody took it: to be tried again.
    pub fn deliver(&self, event: &str) -> Result<(), String> {
        match self {
            Self::Url { authority, path } => post(authority, path, event),
            Self::Command(command) => run(command, event),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url { authority, path } => write!(f, "http://{authority}{path}"),
            Self::Command(command) => write!(f, "{command}"),
        }
    }
}

fn post(authority: &str, path: &str, event: &str) -> Result<(), String> {
    let failed = |e: std::io::Error| e.to_string();
    let address = authority.to_socket_addrs().map_err(failed)?.next().ok_or("no address")?;
    let mut stream = TcpStream::connect_timeout(&address, CONNECT).map_err(failed)?;
    stream.set_read_timeout(Some(ANSWER)).map_err(failed)?;
    stream.set_write_timeout(Some(ANSWER)).map_err(failed)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        event.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(event.as_bytes())).map_err(failed)?;
    let status = status(&mut stream).map_err(failed)?;
    if (200..300).contains(&status) { Ok(()) } else { Err(format!("HTTP {status}")) }
}

/// The status of an answer; the rest is read to its end, so that the far side is not cut off while it writes.
fn status(stream: &mut TcpStream) -> std::io::Result<u16> {
    let (mut line, mut buffer) = (Vec::new(), [0_u8; 1_024]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) if line.len() < STATUS_LINE_MAX => line.extend_from_slice(buffer.get(..n).unwrap_or_default()),
            Ok(_) => {}
            Err(e) if line.is_empty() => return Err(e),
            Err(_) => break,
        }
    }
    let text = String::from_utf8_lossy(&line);
    let status = text.strip_prefix("HTTP/1.").and_then(|t| t.split(' ').nth(1)).and_then(|s| s.parse().ok());
    status.ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidData, "no HTTP answer"))
}

fn run(command: &str, event: &str) -> Result<(), String> {
    let child = Command::new("sh").arg("-c").arg(command).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let mut child = child.map_err(|e| e.to_string())?;
    if let Some(mut input) = child.stdin.take() {
        // A command that reads nothing closes its input; its exit code counts.
        let _either = input.write_all(event.as_bytes()).and_then(|()| input.write_all(b"\n"));
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err(status.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_host_and_a_port_of_its_own_or_80() {
        let url = |text: &str| Target::url(text).map(|t| t.to_string());
        assert_eq!(url("http://127.0.0.1:4599/a/b?c=d").as_deref(), Ok("http://127.0.0.1:4599/a/b?c=d"));
        assert_eq!(url("http://localhost").as_deref(), Ok("http://localhost:80/"));
        for bad in ["https://x/", "localhost:80", "http://", "http://a b/", "http://u@h/", "http://h/\r\nX: y"] {
            assert!(url(bad).is_err_and(|e| e.contains("for example")), "{bad}");
        }
    }

    #[test]
    fn a_command_gets_the_event_and_its_exit_code_counts() {
        let file = std::env::temp_dir().join(format!("headroom-local-{}-command", std::process::id()));
        let command = Target::Command(format!("cat > {}", file.display()));
        assert_eq!(command.deliver("{\"a\":1}"), Ok(()));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"a\":1}\n");
        std::fs::remove_file(&file).unwrap();
        assert!(Target::Command("exit 3".into()).deliver("{}").is_err());
    }
}
