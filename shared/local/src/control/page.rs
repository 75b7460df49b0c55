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
    // With the world's time at which each came: their own is another clock's.
    let notices: Vec<Json> = app.notices.iter().filter_map(|notice| serde_json::to_value(notice).ok()).collect();
    let about = About {
        fleet: app.engine.fleet(),
        title: app.source.title(),
        speed: app.clock.speed,
        seed: app.source.seed_used(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::delivery::Outbox;
    use crate::faults::{Faults, Plan};
    use crate::source::Source;

    fn app() -> App {
        let text =
            "scenario A night\nstart 2026-11-23T00:00:00Z\nseed 7\nservice web\n load table\n 00:00 60/min 1ms\n";
        let source = Source::of_scenario(text, &|name| Err(name.to_owned())).unwrap();
        let engine = source.engine().unwrap();
        let clock = Clock { world_start: engine.start(), client_start: 0.0, speed: 0.0 };
        let plan = Plan::default();
        let outbox = Outbox::new(Vec::new(), plan.events, 7);
        App::new(engine, source, clock, Faults::new(plan, 7), outbox)
    }

    fn get(app: &App, path: &str, known: Option<&str>) -> Option<Reply> {
        page(app, Asked { method: "GET", path, query: "", known, body: &[], client: 0.0 })
    }

    fn header<'r>(reply: &'r Reply, name: &str) -> &'r str {
        reply.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str()).unwrap()
    }

    #[test]
    fn the_page_comes_with_its_security_policy_and_other_paths_are_not_its() {
        let app = app();
        let page = get(&app, "/", None).unwrap();
        assert!(header(&page, "content-security-policy").starts_with("default-src 'none'"));
        assert!(String::from_utf8(page.body).unwrap().starts_with("<!doctype html>"));
        assert_eq!(get(&app, "/_headroom/health", None), None);
    }

    #[test]
    fn a_view_that_the_browser_has_is_not_sent_again_until_the_world_moves() {
        let mut app = app();
        let first = get(&app, "/_headroom/view", None).unwrap();
        let json: Json = serde_json::from_slice(&first.body).unwrap();
        assert_eq!((&json["fleet"], &json["seed"]), (&Json::from("A night"), &Json::from(7)));
        let tag = header(&first, "etag").to_owned();
        let second = get(&app, "/_headroom/view", Some(&tag)).unwrap();
        assert_eq!((second.status, second.body.len()), (304, 0));
        app.advance(app.engine.now() + 1);
        assert_eq!(get(&app, "/_headroom/view", Some(&tag)).unwrap().status, 200);
    }
}
