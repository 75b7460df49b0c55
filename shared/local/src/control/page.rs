//! The live page: its files, and the JSON that they draw.

use serde_json::Value as Json;

use super::reply::{Reply, Wrong};
use super::route::Asked;
use crate::app::App;
use crate::page::{About, SECURITY, Wanted, asset, tag, view};

/// One of the page's answers; none: the path is another's.
pub(super) fn page(app: &App, asked: Asked<'_>) -> Option<Reply> {
    let reply = match asset(asked.path) {
        Some((content_type, bytes)) => Reply { content_type, ..Reply::new(200, bytes.to_vec()) },
        None if asked.path == "/_headroom/view" => shown(app, asked),
        None => return None,
    };
    Some(SECURITY.iter().fold(reply, |reply, (name, value)| reply.with(name, (*value).to_owned())))
}

fn shown(app: &App, asked: Asked<'_>) -> Reply {
    let notices: Vec<Json> = app.notices.iter().map(|notice| notice.message.clone()).collect();
    let about = About {
        fleet: app.engine.fleet(),
        title: app.source.title(),
        speed: app.clock.speed,
        seed: app.source.seed.unwrap_or_default(),
        inside: app.engine.has_headroom(),
        notices: &notices,
    };
    match view(app.engine.world(), &about, &Wanted::of_query(asked.query)) {
        Ok(json) => {
            let body = json.to_string().into_bytes();
            let tag = tag(&body);
            let same = asked.known == Some(tag.as_str());
            let reply = if same { Reply::new(304, Vec::new()) } else { Reply::new(200, body) };
            reply.with("etag", tag)
        }
        Err(error) => Wrong { status: 500, error: error.to_string(), example: "GET /_headroom/truth" }.reply(),
    }
}
