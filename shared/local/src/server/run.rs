//! The server's life: listens, ticks, ends.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::connection::Connection;
use super::exchange::{Shared, current, exchange, wall};
use super::limits::{CONNECTIONS_MAX, END, HEAD_MAX, HEADERS_MAX, IDLE, TICK};
use crate::app::App;
use crate::control;

/// Listens on the loopback address; port 0 takes a free one.
///
/// # Errors
/// The port is taken.
pub fn bind(port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until `stop` says so, then saves the state where somebody asked for it. Blocks.
///
/// # Errors
/// The listener fails, or the state cannot be written.
pub fn run(listener: TcpListener, app: App, stop: watch::Receiver<bool>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let app = Arc::new(Mutex::new(app));
    runtime.map_err(|e| e.to_string())?.block_on(serve(listener, Arc::clone(&app), stop)).map_err(|e| e.to_string())?;
    let app = app.lock().unwrap_or_else(PoisonError::into_inner);
    app.state_file.as_deref().map_or(Ok(()), |path| control::write_state(&app, path))
}

async fn serve(listener: TcpListener, app: Shared, mut stop: watch::Receiver<bool>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = told(&mut stop) => break,
            _ = tick.tick() => drop(current(&app)),
            Some(_ended) = connections.join_next() => {}
            accepted = listener.accept() => {
                // A connection that was given up before it was accepted is no reason to end.
                let Ok((stream, _)) = accepted else { continue };
                // Beyond the limit a connection is closed at once: the client sees it and comes again.
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                let (app, stop) = (Arc::clone(&app), stop.clone());
                connections.spawn(async move {
                    one(stream, app, stop).await;
                    drop(place);
                });
            }
        }
    }
    let _ended_or_late = timeout(END, async { while connections.join_next().await.is_some() {} }).await;
    Ok(())
}

/// Waits until it is told to end, or nobody is left who could tell.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _told_or_alone = stop.wait_for(|stop| *stop).await.is_ok();
}

async fn one(stream: tokio::net::TcpStream, app: Shared, mut stop: watch::Receiver<bool>) {
    let reset = Arc::new(AtomicBool::new(false));
    // Small answers must not wait for the client's acknowledgement of the one before.
    let _best_effort = stream.set_nodelay(true);
    let io = Connection::new(stream, Arc::clone(&reset));
    let service = service_fn(move |request| exchange(Arc::clone(&app), Arc::clone(&reset), request));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(IDLE).max_buf_size(HEAD_MAX).max_headers(HEADERS_MAX);
    let connection = builder.serve_connection(io, service);
    tokio::pin!(connection);
    tokio::select! {
        _ended = connection.as_mut() => {}
        () = told(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            let _ended = connection.await;
        }
    }
}

/// A server in a thread of its own.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: JoinHandle<Result<(), String>>,
}

impl Running {
    /// Starts it. The client's clock begins with the world's where it has reached.
    ///
    /// # Errors
    /// No port, or no thread.
    pub fn start(port: u16, app: App) -> io::Result<Self> {
        let listener = bind(port)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let thread = std::thread::Builder::new().name("headroom-local".to_owned());
        let thread = thread.spawn(move || run(listener, app, stopped))?;
        Ok(Self { address, stop, thread })
    }

    /// Whoever sets it ends the server.
    #[must_use]
    pub fn stopper(&self) -> watch::Sender<bool> {
        self.stop.clone()
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// It failed, or could not save its state.
    pub fn wait(self) -> Result<(), String> {
        self.thread.join().unwrap_or_else(|_| Err("the server panicked".to_owned()))
    }

    /// Ends it.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub fn stop(self) -> Result<(), String> {
        self.stop.send_replace(true);
        self.wait()
    }
}

/// The client's time now, in seconds since the epoch.
#[must_use]
pub fn client_now() -> f64 {
    wall()
}
