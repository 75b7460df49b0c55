//! The whole page as JSON.

use std::collections::{BTreeMap, BTreeSet};

use headroom_core::capacity::Change;
use headroom_core::fleet::Fleet;
use headroom_core::id::ServiceId;
use headroom_core::notice::Notice;
use headroom_core::signal::AlarmState;
use headroom_pipeline::PortError;
use headroom_simulator::view::{AlarmView, View};
use headroom_simulator::world::World;
use serde_json::{Value, json};

use super::decisions::{decisions, notices, read};
use super::leases;
use super::place::{by_id, label, places};
use super::service::{need, service};
use super::timeline::timeline;
use super::why::Known;
use super::words::over;

/// Services of a world, and of one answer, whose last hour is sent: a screen of them.
const DETAILED_MAX: usize = 30;
/// Services of one answer; a world of more is looked at with the command line.
const SERVICES_MAX: usize = 2_000;
/// Alarms of one answer; those that are not OK come first when there are more.
const ALARMS_MAX: usize = 100;
/// A query that is longer is not this page's.
const QUERY_MAX: usize = 16_384;

/// What the world does not know about itself.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The fleet file that it was made from.
    pub fleet: Option<&'a Fleet>,
    /// What is shown as its name when there is no fleet.
    pub title: &'a str,
    /// Seconds of the world in a real one; 0 while it stands.
    pub speed: f64,
    /// Seed of everything random.
    pub seed: u64,
    /// Whether Headroom runs inside of the world, so that its own table can be shown.
    pub inside: bool,
    /// What was posted to it, oldest first: a `headroom_core::notice::Notice` as JSON, or that as `message` beside `at`, the
    /// world's second in which it came.
    pub notices: &'a [Value],
}

/// The services whose last hour a reader wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted(BTreeSet<String>);

impl Wanted {
    /// From a query such as `open=222222222222/eu-west-1/prod-eu-cluster/prod-eu-web`.
    #[must_use]
    pub fn of_query(query: &str) -> Self {
        let query = if query.len() > QUERY_MAX { "" } else { query };
        let pairs = form_urlencoded::parse(query.as_bytes());
        Self(pairs.filter(|(k, _)| k == "open").map(|(_, v)| v.into_owned()).take(DETAILED_MAX).collect())
    }
}

/// The JSON of `GET /_headroom/view`.
///
/// # Errors
/// A document of the journal is not what was written.
pub fn view(world: &World, about: &About<'_>, wanted: &Wanted) -> Result<Value, PortError> {
    let all = world.services() <= DETAILED_MAX;
    let view = world.view(|id| all || wanted.0.contains(&path(id)))?;
    let known = by_id(about.fleet);
    let posted = read(about.notices);
    let leases = if about.inside { leases::of_table(&view, &known) } else { leases::of_notices(&posted) };
    let alarms = alarms_of(&view);
    let none = Vec::new();
    let in_need = |i: usize| view.services.get(i).is_some_and(|s| need(s, alarms.get(&i).unwrap_or(&none), view.now).0);
    let (tasks, desired) = view.services.iter().fold((0, 0), |(h, d), s| (h + s.healthy, d + s.desired));
    Ok(json!({
        "fleet": about.fleet.map_or(about.title, |f| f.fleet.as_str()),
        "headroom": if about.inside { "inside" } else { "outside" },
        "now": view.now,
        "speed": about.speed,
        "seed": about.seed,
        "summary": {
            "services": view.services.len(),
            "healthy": tasks,
            "desired": desired,
            "in_alarm": view.alarms.iter().filter(|a| a.state == AlarmState::Alarm).count(),
            "leases": leases.iter().filter(|l| l["live"] == true).count(),
            "need": (0..view.services.len()).filter(|i| in_need(*i)).count(),
        },
        "detailed": all,
        "places": shown_places(&view, about, &alarms, &posted),
        "leases": leases,
        "alarms": shown_alarms(&view, &known_labels(&view, about)),
        "alarms_all": view.alarms.len(),
        "alarms_ok": view.alarms.iter().filter(|a| a.state == AlarmState::Ok).count(),
        "decisions": decisions(&view.entries),
        "notices": notices(&view.notices, about.notices),
        "timeline": timeline(&view, &known),
    }))
}

fn path(id: &ServiceId) -> String {
    format!("{}/{}/{}/{}", id.account, id.region, id.cluster, id.service)
}

fn alarms_of(view: &View) -> BTreeMap<usize, Vec<&AlarmView>> {
    let mut of: BTreeMap<usize, Vec<&AlarmView>> = BTreeMap::new();
    for alarm in &view.alarms {
        if let Some(service) = alarm.service {
            of.entry(service).or_default().push(alarm);
        }
    }
    of
}

fn known_labels(view: &View, about: &About<'_>) -> Vec<String> {
    let known = by_id(about.fleet);
    view.services.iter().map(|s| label(&s.id, &known)).collect()
}

fn shown_places(
    view: &View,
    about: &About<'_>,
    alarms: &BTreeMap<usize, Vec<&AlarmView>>,
    posted: &[(i64, Notice)],
) -> Vec<Value> {
    let known = by_id(about.fleet);
    let states: BTreeMap<_, _> = view.states.iter().map(|(id, state)| (id, state)).collect();
    let mut ours: BTreeMap<usize, Vec<(i64, Change)>> = BTreeMap::new();
    for (at, index, change) in &view.changes {
        ours.entry(*index).or_default().push((*at, *change));
    }
    let (none, nothing) = (Vec::new(), Vec::new());
    let mut left = SERVICES_MAX;
    let mut shown = Vec::new();
    for place in places(about.fleet, &view.services) {
        let mut services = Vec::new();
        for index in place.services.iter().take(left) {
            let Some(found) = view.services.get(*index) else { continue };
            let listed = known.get(&found.id).copied();
            let label = label(&found.id, &known);
            let about_it = Known {
                state: states.get(&found.id).copied(),
                capacity: listed.map(|s| &s.capacity),
                ours: ours.get(index).unwrap_or(&nothing),
                noticed: leases::standing(posted, &label),
            };
            services.push(service(found, &label, listed, alarms.get(index).unwrap_or(&none), about_it, view.now));
        }
        left -= services.len();
        shown.push(json!({
            "name": place.name,
            "mode": place.mode,
            "account": place.account,
            "region": place.region,
            "services": services,
        }));
    }
    shown
}

/// In the order in which they came; when there are too many, those that are OK are left out first.
fn shown_alarms(view: &View, labels: &[String]) -> Vec<Value> {
    let few = view.alarms.len() <= ALARMS_MAX;
    let shown = view.alarms.iter().filter(|a| few || a.state == AlarmState::Alarm).take(ALARMS_MAX);
    let alarm = |a: &AlarmView| {
        json!({
            "name": a.name,
            "label": a.service.and_then(|s| labels.get(s)).cloned().unwrap_or_default(),
            "state": a.state.name(),
            "since": a.since,
            "watches": watches(a),
        })
    };
    shown.map(alarm).collect()
}

fn watches(alarm: &AlarmView) -> String {
    let what = alarm.metric.map_or_else(|| alarm.watches.clone(), |(metric, threshold)| over(metric, threshold));
    alarm.points.map_or_else(|| what.clone(), |(m, n)| format!("{what} in {m} of {n} periods"))
}

/// An entity tag: the same text has the same one (FNV-1a, 64 bits; nobody gains by a collision here).
#[must_use]
pub fn tag(body: &[u8]) -> String {
    let hash = body.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    format!("\"{hash:016x}\"")
}
