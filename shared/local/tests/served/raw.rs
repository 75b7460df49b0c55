//! A world, a server, and a client that speaks plain HTTP.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use headroom_local::app::App;
use headroom_local::clock::Clock;
use headroom_local::delivery::{Outbox, Target, Worker};
use headroom_local::faults::{self, Faults};
use headroom_local::server::{Running, client_now};
use headroom_local::source::Source;
use serde_json::Value;

pub(crate) const SCENARIO: &str = "scenario two services
start 2026-11-23T00:00:00Z
seed 7
service web
  ecs 222222222222 eu-west-1 prod/prod-web
  task 1 vcpu 2 GiB
  tasks 2
  bounds 2..10
  track cpu 70% out 60s in 300s
  alarm web-cpu cpu > 85% 2 of 2
  load table
    00:00 600/min 100ms
service worker
  ecs 222222222222 eu-west-1 prod/prod-worker
  tasks 3
  bounds 1..5
  load table
    00:00 60/min 10ms
";

/// An application of the scenario.
pub(crate) fn app(speed: f64, plan: &str, targets: &[Target]) -> App {
    let source = Source::of_scenario(SCENARIO, &|name| Err(name.to_owned())).unwrap();
    let engine = source.engine().unwrap();
    let plan = faults::read(plan).unwrap();
    let clock = Clock::starting(engine.start(), client_now(), speed);
    let ways = targets.iter().map(|t| (t.clone(), Worker::start(t.clone()).unwrap())).collect();
    let outbox = Outbox::new(ways, plan.events, 7);
    App::new(engine, source, clock, Faults::new(plan, 7), outbox)
}

/// A server of it, on a clock that stands.
pub(crate) fn serve(plan: &str) -> Running {
    Running::start(0, app(0.0, plan, &[])).unwrap()
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One kept connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
}

impl Client {
    pub(crate) fn of(server: &Running) -> Self {
        Self::at(server.address)
    }

    pub(crate) fn at(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { stream }
    }

    pub(crate) fn wait_at_most(&self, length: Duration) {
        self.stream.set_read_timeout(Some(length)).unwrap();
    }

    /// Sends a request; an error when the connection ends without an answer.
    pub(crate) fn try_send(&mut self, first: &str, headers: &[(&str, &str)], body: &[u8]) -> std::io::Result<Answer> {
        let mut head = format!("{first} HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
        let host = headers.iter().any(|(name, _)| *name == "Host");
        if !host {
            head.push_str("Host: 127.0.0.1\r\n");
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.stream.write_all(head.as_bytes())?;
        self.stream.write_all(body)?;
        self.read()
    }

    pub(crate) fn send(&mut self, first: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_send(first, headers, body).unwrap()
    }

    fn read(&mut self) -> std::io::Result<Answer> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                break end + 4;
            }
            self.more(&mut bytes)?;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: BTreeMap<String, String> = lines
            .filter_map(|l| l.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length: usize = headers.get("content-length").map_or(0, |n| n.parse().unwrap());
        while bytes.len() < end + length {
            self.more(&mut bytes)?;
        }
        Ok(Answer { status, headers, body: bytes[end..].to_vec() })
    }

    fn more(&mut self, bytes: &mut Vec<u8>) -> std::io::Result<()> {
        let mut buffer = [0; 4_096];
        match self.stream.read(&mut buffer)? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => {
                bytes.extend_from_slice(&buffer[..n]);
                Ok(())
            }
        }
    }

    /// An operation in awsJson 1.1.
    pub(crate) fn try_aws(&mut self, target: &str, body: &str) -> std::io::Result<Answer> {
        let scope = "AWS4-HMAC-SHA256 Credential=222222222222/20261123/eu-west-1/x/aws4_request, Signature=0";
        let headers =
            [("X-Amz-Target", target), ("Content-Type", "application/x-amz-json-1.1"), ("Authorization", scope)];
        self.try_send("POST /", &headers, body.as_bytes())
    }

    pub(crate) fn aws(&mut self, target: &str, body: &str) -> Answer {
        self.try_aws(target, body).unwrap()
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), &[], b"")
    }

    pub(crate) fn post(&mut self, name: &str, body: &str) -> Answer {
        self.send(&format!("POST /_headroom/{name}"), &[], body.as_bytes())
    }

    pub(crate) fn advance(&mut self, seconds: u32) {
        let answer = self.post("advance", &format!("{{\"seconds\":{seconds}}}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    pub(crate) fn truth(&mut self) -> Value {
        self.get("/_headroom/truth").json()
    }
}

pub(crate) const ECS: &str = "AmazonEC2ContainerServiceV20141113";
pub(crate) const SCALING: &str = "AnyScaleFrontendService";

/// RegisterScalableTarget of `web` with another minimum.
pub(crate) fn register(client: &mut Client, min: u32) -> std::io::Result<Answer> {
    let body = format!(
        "{{\"ServiceNamespace\":\"ecs\",\"ResourceId\":\"service/prod/prod-web\",\
         \"ScalableDimension\":\"ecs:service:DesiredCount\",\"MinCapacity\":{min}}}"
    );
    client.try_aws(&format!("{SCALING}.RegisterScalableTarget"), &body)
}
