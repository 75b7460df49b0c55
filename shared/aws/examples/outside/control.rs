//! The control API of `headroom local`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value as Json, json};

/// What ends the run.
pub(crate) type Failed = Box<dyn std::error::Error>;

/// A shell that appends a line takes milliseconds; this is for a machine that is busy.
const DELIVERED_WITHIN: Duration = Duration::from_secs(60);
const ASKED_EVERY: Duration = Duration::from_millis(5);

/// Where it is.
pub(crate) struct Control {
    host: String,
}

impl Control {
    /// At a URL.
    pub(crate) fn at(url: &str) -> Result<Self, Failed> {
        let host = url.strip_prefix("http://").ok_or("expected http://HOST:PORT")?;
        Ok(Self { host: host.trim_end_matches('/').to_owned() })
    }

    /// The world's time after it moved on.
    pub(crate) fn advance(&self, seconds: u32) -> Result<Timestamp, Failed> {
        let answer = self.send("POST", "advance", &json!({ "seconds": seconds }))?;
        time(answer.get("world"))
    }

    /// The world's time.
    pub(crate) fn now(&self) -> Result<Timestamp, Failed> {
        let truth = self.send("GET", "truth", &Json::Null)?;
        time(truth.pointer("/clock/world"))
    }

    /// A notice, to be shown on the page.
    pub(crate) fn tell(&self, notice: &Json) -> Result<(), Failed> {
        self.send("POST", "notices", notice).map(drop)
    }

    /// Events that happened so far.
    pub(crate) fn events_sent(&self) -> Result<u64, Failed> {
        let truth = self.send("GET", "truth", &Json::Null)?;
        Ok(truth.pointer("/events/events").and_then(Json::as_u64).ok_or("no count of events")?)
    }

    /// Waits until the only target has taken so many.
    pub(crate) fn wait_for_delivery(&self, sent: u64) -> Result<(), Failed> {
        let begun = Instant::now();
        while begun.elapsed() < DELIVERED_WITHIN {
            let truth = self.send("GET", "truth", &Json::Null)?;
            let taken = truth.pointer("/events/targets/0/delivered").and_then(Json::as_u64);
            if taken.ok_or("no target of events")? >= sent {
                return Ok(());
            }
            std::thread::sleep(ASKED_EVERY);
        }
        Err(format!("{sent} events were not delivered within {DELIVERED_WITHIN:?}").into())
    }

    fn send(&self, method: &str, name: &str, body: &Json) -> Result<Json, Failed> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!("{method} /_headroom/{name} HTTP/1.1\r\nHost: {}\r\nConnection: close", self.host);
        let mut stream = TcpStream::connect(&self.host)?;
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no HTTP answer")?;
        if !head.starts_with("HTTP/1.1 200") {
            return Err(format!("{method} {name}: {answer}").into());
        }
        Ok(serde_json::from_str(body)?)
    }
}

fn time(found: Option<&Json>) -> Result<Timestamp, Failed> {
    Ok(found.and_then(Json::as_str).ok_or("no time of the world")?.parse()?)
}
