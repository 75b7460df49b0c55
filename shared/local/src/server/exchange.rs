//! One request and its answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, HeaderValue, IF_NONE_MATCH, ORIGIN,
};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Request, Response, StatusCode};
use tokio::time::{sleep, timeout};

use super::limits::{BODY, BODY_MAX, SILENCE, STATE_MAX};
use crate::app::{App, Outcome};
use crate::control::{self, Asked, Reply, Wrong};
use crate::protocol::{Head, Rendered};
use crate::receiver;

/// Where Slack and PagerDuty are.
const RECEIVER: &str = "/receiver/";

/// The application, shared by the connections.
pub(super) type Shared = Arc<Mutex<App>>;

/// The connection is to be reset.
#[derive(Debug, thiserror::Error)]
#[error("reset by the fault plan")]
pub(super) struct Reset;

/// The client's time, in seconds since the epoch: the one place that reads a wall clock.
pub(super) fn wall() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// The application, brought up to now.
pub(super) fn current(app: &Shared) -> MutexGuard<'_, App> {
    // A panic elsewhere left the world as it was between two calls at worst; going on is better than hanging.
    let mut app = app.lock().unwrap_or_else(PoisonError::into_inner);
    app.tick(wall());
    app
}

/// Answers a request.
pub(super) async fn exchange(
    app: Shared,
    reset: Arc<AtomicBool>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Reset> {
    let (parts, body) = request.into_parts();
    let (path, method) = (parts.uri.path().to_owned(), parts.method.as_str().to_owned());
    let controls = path.starts_with("/_headroom/") || method != "POST";
    let most = if path == "/_headroom/state/load" { STATE_MAX } else { BODY_MAX };
    let body = match timeout(BODY, Limited::new(body, most).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Ok(too_large(most)),
        Ok(Err(_)) | Err(_) => return Err(Reset),
    };
    if path.starts_with(RECEIVER) {
        return received(&app, &reset, &parts, &body).await;
    }
    // An SDK sends no Origin: a page of another site must not act here either.
    if (controls || parts.headers.contains_key(ORIGIN))
        && let Some(refused) = foreign(&parts.headers)
    {
        return Ok(reply(refused.reply()));
    }
    if controls {
        let text = |name: HeaderName| parts.headers.get(name).and_then(|v| v.to_str().ok());
        let asked = Asked {
            method: &method,
            path: &path,
            query: parts.uri.query().unwrap_or_default(),
            known: text(IF_NONE_MATCH),
            body: &body,
            client: wall(),
        };
        return Ok(reply(control::route(&mut current(&app), asked)));
    }
    let text = |name: HeaderName| parts.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let head = Head {
        path,
        target: text(HeaderName::from_static("x-amz-target")),
        content_type: text(CONTENT_TYPE),
        encoding: text(CONTENT_ENCODING),
    };
    let received = current(&app).receive(&head, text(AUTHORIZATION).as_deref(), &body);
    if !received.delay().is_zero() {
        sleep(received.delay()).await;
    }
    let outcome = current(&app).carry_out(received);
    match outcome {
        Outcome::Answer(rendered) => Ok(answer(rendered)),
        Outcome::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(Reset)
        }
        Outcome::Silence => {
            sleep(SILENCE).await;
            Err(Reset)
        }
    }
}

/// Slack's and PagerDuty's answer.
async fn received(
    app: &Shared,
    reset: &AtomicBool,
    parts: &Parts,
    body: &[u8],
) -> Result<Response<Full<Bytes>>, Reset> {
    if let Some(refused) = foreign(&parts.headers) {
        return Ok(reply(refused.reply()));
    }
    let path = parts.uri.path().strip_prefix(RECEIVER.trim_end_matches('/')).unwrap_or_default();
    let query: Vec<(String, String)> =
        form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let authorization = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let body = String::from_utf8_lossy(body);
    let asked = receiver::Asked { path, query: &query, authorization, body: &body };
    // Milliseconds of today, far inside of both types.
    let answered = current(app).receiver.handle(asked, (wall() * 1_000.0) as i64);
    if answered.slow {
        sleep(SILENCE).await;
    }
    if answered.slow || answered.closes {
        reset.store(true, Ordering::Relaxed);
        return Err(Reset);
    }
    let mut headers = vec![("content-type", "application/json".to_owned())];
    headers.extend(answered.retry_after.map(|seconds| ("retry-after", seconds.to_string())));
    Ok(answer(Rendered { status: answered.status, headers, body: answered.body.into_bytes() }))
}

/// The control API is for this machine's own programs: a page from elsewhere that a browser here has open must not
/// reach it, neither by its origin nor by a name that it made resolve to the loopback address.
fn foreign(headers: &HeaderMap) -> Option<Wrong> {
    let text = |name| headers.get(name).map(|v: &HeaderValue| v.to_str().unwrap_or("?").to_owned());
    let host = text(HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    let local = matches!(name, "127.0.0.1" | "localhost" | "[::1]" | "[:" | "");
    let origin = text(ORIGIN).is_none_or(|origin| origin == format!("http://{host}"));
    let wrong = || Wrong {
        status: 403,
        error: format!("for programs of this machine only, not for host {host} or a page of another site"),
        example: "http://127.0.0.1:4600/_headroom/health",
    };
    (!local || !origin).then(wrong)
}

fn too_large(most: usize) -> Response<Full<Bytes>> {
    let error = format!("a body of more than {most} bytes");
    reply(Wrong { status: 413, error, example: "POST / with a request of one AWS operation" }.reply())
}

fn reply(reply: Reply) -> Response<Full<Bytes>> {
    let Reply { status, content_type, mut headers, body } = reply;
    headers.push(("content-type", content_type.to_owned()));
    answer(Rendered { status, headers, body })
}

fn answer(rendered: Rendered) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(rendered.body)));
    *response.status_mut() = StatusCode::from_u16(rendered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in rendered.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
