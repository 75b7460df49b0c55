//! A scenario with Headroom inside, and the live page of it; for looking at the page and for its test.
//!
//! `cargo run -p headroom-local --example page -- tests/scenarios/langfuse_headroom.txt 60 8620`: scenario, seconds of
//! the world in a real one, port (0: any). `POST /advance?60` moves a world that stands, `POST /deploy` and
//! `POST /deploy?broken` deploy a revision of its first service.

use std::cell::RefCell;
use std::convert::Infallible;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use headroom_core::fleet::Fleet;
use headroom_local::page::{About, SECURITY, Wanted, asset, tag, view};
use headroom_simulator::deploy::{Begins, Release, digest_of};
use headroom_simulator::ecs::Update;
use headroom_simulator::run::Live;
use headroom_simulator::scenario::read;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};

type Failed = Box<dyn std::error::Error>;

/// A day at a time: what a test asks for at most.
const ADVANCE_MAX: i64 = 86_400;
/// How often a running world is moved.
const TICK: Duration = Duration::from_millis(250);

struct Shown {
    live: RefCell<Live>,
    fleet: Option<Fleet>,
    title: String,
    seed: u64,
    speed: f64,
}

impl Shown {
    fn advance(&self, to: i64) -> Result<(), Failed> {
        Ok(self.live.borrow_mut().advance(to, &mut |_, _| ())?)
    }

    /// Deploys a next revision of the first service: a sound one, or one whose image cannot be pulled.
    fn deploy(&self, broken: bool) -> Result<(), Failed> {
        let world = &self.live.borrow().world;
        let image = if broken { "web:broken" } else { "web:next" };
        let begins = if broken { Begins::NotAtAll } else { Begins::Well };
        world.push_image(image, Release { begins, ..Release::sound(&digest_of(image)) });
        let family = world.read(|all| all.first().map(|s| s.spec.id.service.clone())).ok_or("no service")?;
        let task_definition = Some(world.register_task_definition(&family, image)?);
        world.update_service(0, Update { task_definition, ..Update::default() })?;
        Ok(())
    }

    fn seconds(&self) -> i64 {
        self.live.borrow().world.seconds()
    }

    fn answer(&self, request: &Request<Incoming>) -> Result<Response<Full<Bytes>>, Failed> {
        let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
        let mut response = Response::builder();
        for (name, value) in SECURITY {
            response = response.header(name, value);
        }
        if request.method() == Method::POST && path == "/advance" {
            let seconds: i64 = query.parse()?;
            self.advance(self.seconds() + seconds.clamp(0, ADVANCE_MAX))?;
            return Ok(response.body(Full::from("done\n"))?);
        }
        if request.method() == Method::POST && path == "/deploy" {
            self.deploy(query == "broken")?;
            return Ok(response.body(Full::from("done\n"))?);
        }
        if let Some((kind, bytes)) = asset(path) {
            return Ok(response.header("content-type", kind).body(Full::from(bytes))?);
        }
        if path != "/_headroom/view" {
            return Ok(response.status(StatusCode::NOT_FOUND).body(Full::from("not here\n"))?);
        }
        let about = About {
            fleet: self.fleet.as_ref(),
            title: &self.title,
            speed: self.speed,
            seed: self.seed,
            inside: true,
            notices: &[],
        };
        let body = serde_json::to_vec(&view(&self.live.borrow().world, &about, &Wanted::of_query(query))?)?;
        let tag = tag(&body);
        let known = request.headers().get("if-none-match").is_some_and(|known| known.as_bytes() == tag.as_bytes());
        let response = response.header("etag", tag).header("content-type", "application/json");
        if known {
            return Ok(response.status(StatusCode::NOT_MODIFIED).body(Full::default())?);
        }
        Ok(response.body(Full::from(body))?)
    }
}

async fn serve(shown: Rc<Shown>, port: u16) -> Result<(), Failed> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening http://{}/", listener.local_addr()?);
    let moving = Rc::clone(&shown);
    if shown.speed > 0.0 {
        tokio::task::spawn_local(async move {
            let began = (Instant::now(), moving.seconds());
            loop {
                tokio::time::sleep(TICK).await;
                let to = began.1 + (began.0.elapsed().as_secs_f64() * moving.speed) as i64;
                if let Err(error) = moving.advance(to) {
                    eprintln!("{error}");
                    return;
                }
            }
        });
    }
    loop {
        let (stream, _) = listener.accept().await?;
        let shown = Rc::clone(&shown);
        tokio::task::spawn_local(async move {
            let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                let shown = Rc::clone(&shown);
                async move {
                    let answer = shown.answer(&request).unwrap_or_else(|error| {
                        let mut failed = Response::new(Full::from(format!("{error}\n")));
                        *failed.status_mut() = StatusCode::BAD_REQUEST;
                        failed
                    });
                    Ok::<_, Infallible>(answer)
                }
            });
            let io = hyper_util::rt::TokioIo::new(stream);
            // A browser that went away is no failure of ours.
            let _gone = hyper::server::conn::http1::Builder::new().serve_connection(io, service).await;
        });
    }
}

fn main() -> Result<(), Failed> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("a scenario file, then speed and port")?;
    let speed = args.next().map_or(Ok(60.0), |s| s.parse())?;
    let port = args.next().map_or(Ok(0), |p| p.parse())?;
    let folder = Path::new(&file).parent().unwrap_or(Path::new("")).to_owned();
    let files = |path: &str| std::fs::read_to_string(folder.join(path)).map_err(|e| format!("cannot read {path}: {e}"));
    let scenario = read(&std::fs::read_to_string(&file)?, &files)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let (title, seed) = (scenario.title.clone(), scenario.seed);
    let built = scenario.build()?;
    let live = RefCell::new(Live::new(built.world, built.fleet.clone()));
    let shown = Shown { live, fleet: built.fleet, title, seed, speed };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, serve(Rc::new(shown), port))
}
