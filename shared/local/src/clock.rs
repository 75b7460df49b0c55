//! The two clocks: the client's, and the world's that may run faster. Times are mapped here and nowhere else, so
//! that a function with a real clock sees fresh data in a world that is hours ahead.

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::value::{Map, Value};

/// No faster: a second of the wall clock is then more than two hours of the world, each with its own minutes to run.
pub const SPEED_MAX: f64 = 10_000.0;

/// Members of requests that are times (service models of the services); what a client sends there is mapped.
const TIMES: [&str; 8] = ["StartTime", "EndTime", "Timestamp", "StartDate", "ExpireDate", "Time", "before", "after"];

/// The mapping: `client = client_start + (world - world_start) / speed`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    /// Second of the world at which it began.
    pub world_start: i64,
    /// The client's time of that second.
    pub client_start: f64,
    /// Seconds of the world in a second of the client; 0: the world stands and is moved by hand, with as many
    /// seconds for the client as for the world.
    pub speed: f64,
}

impl Clock {
    /// A clock that begins now, at `client`, with the world's minute of `world`. The world's minutes begin with those
    /// of the client, or with whole parts of them; the world is up to a minute ahead therefore.
    #[must_use]
    pub fn starting(world: i64, client: f64, speed: f64) -> Self {
        let clock = Self { world_start: world.div_euclid(60) * 60, client_start: client, speed };
        let minute = 60.0 / clock.rate();
        Self { client_start: (client / minute).floor() * minute, ..clock }
    }

    fn rate(&self) -> f64 {
        if self.speed > 0.0 { self.speed } else { 1.0 }
    }

    /// A time of the world as the client reads it.
    #[must_use]
    pub fn to_client(&self, world: f64) -> f64 {
        // Milliseconds are what the protocols carry; without rounding a text and a number could differ.
        let exact = self.client_start + (world - self.world_start as f64) / self.rate();
        (exact * 1_000.0).round() / 1_000.0
    }

    /// A time of the client as the world counts it.
    #[must_use]
    pub fn to_world(&self, client: f64) -> f64 {
        self.world_start as f64 + (client - self.client_start) * self.rate()
    }

    /// The second of the world that it is now, by the client's clock; never before `reached`.
    #[must_use]
    pub fn now(&self, client: f64, reached: i64) -> i64 {
        if self.speed > 0.0 { (self.to_world(client).floor() as i64).max(reached) } else { reached }
    }

    /// The mapping for whole minutes of metrics. They stay minutes at any speed: what a client asks about the last
    /// minutes is answered with the world's last minutes, the newest with the newest. Squeezed into seconds, none of
    /// them would be a complete minute to a client that looks for one.
    #[must_use]
    pub fn of_metrics(&self, world_now: i64) -> Self {
        if self.speed <= 1.0 {
            return *self;
        }
        let client_now = self.to_client(world_now as f64);
        Self {
            world_start: world_now.div_euclid(60) * 60,
            client_start: (client_now / 60.0).floor() * 60.0,
            speed: 1.0,
        }
    }

    /// Maps every time in an answer.
    pub fn answer(&self, value: &mut Value) {
        match value {
            Value::Time(at) => *at = self.to_client(*at),
            Value::List(list) => list.iter_mut().for_each(|v| self.answer(v)),
            Value::Map(map) => map.iter_mut().for_each(|(_, v)| self.answer(v)),
            // StateReasonData is JSON in a text, with times in it.
            Value::Text(text) if text.starts_with('{') => self.nested(text),
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_) => {}
        }
    }

    /// Maps the times in a request: numbers and texts under the names of times become times of the world.
    pub fn request(&self, map: &mut Map) {
        for (name, value) in map.iter_mut() {
            let at = match value {
                Value::Time(at) => Some(*at),
                Value::Integer(_) | Value::Float(_) if TIMES.contains(&name) => value.as_number(),
                Value::Text(text) if TIMES.contains(&name) => seconds(text).or_else(|| text.trim().parse().ok()),
                Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_) => None,
                Value::List(list) => {
                    let maps = list.iter_mut().filter_map(|v| if let Value::Map(m) = v { Some(m) } else { None });
                    maps.for_each(|m| self.request(m));
                    None
                }
                Value::Map(map) => {
                    self.request(map);
                    None
                }
            };
            if let Some(at) = at.filter(|at| at.is_finite()) {
                *value = Value::Time(self.to_world(at));
            }
        }
    }

    /// Maps every text of an event that is a time, also in JSON within a text (`reasonData`).
    pub fn event(&self, json: &mut Json) {
        match json {
            Json::String(text) => {
                if let Some(mapped) = self.text(text) {
                    *text = mapped;
                } else if text.starts_with('{') {
                    self.nested(text);
                }
            }
            Json::Array(list) => list.iter_mut().for_each(|v| self.event(v)),
            Json::Object(map) => map.values_mut().for_each(|v| self.event(v)),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn nested(&self, text: &mut String) {
        if let Ok(mut inner) = serde_json::from_str::<Json>(text) {
            let before = inner.clone();
            self.event(&mut inner);
            if inner != before {
                *text = inner.to_string();
            }
        }
    }

    /// A time in the form in which it was written: with `Z`, or with CloudWatch's `+0000` (AWS_FACTS 3.2), and with
    /// as many fraction digits, or more where the mapping makes a fraction.
    fn text(&self, text: &str) -> Option<String> {
        let at = self.to_client(seconds(text)?);
        let millis = Timestamp::from_millisecond((at * 1_000.0).round() as i64).ok()?;
        let cloudwatch = text.ends_with("+0000");
        let written = text.split_once('.').map_or(0, |(_, f)| f.chars().take_while(char::is_ascii_digit).count());
        let needed = match millis.as_millisecond() {
            n if n % 1_000 == 0 => 0,
            n if n % 100 == 0 => 1,
            n if n % 10 == 0 => 2,
            _ => 3,
        };
        let fraction = written.max(needed);
        let iso = format!("{millis:.fraction$}");
        Some(if cloudwatch { format!("{}+0000", iso.trim_end_matches('Z')) } else { iso })
    }
}

/// Seconds since the epoch of an ISO 8601 time; `None` for any other text.
fn seconds(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    if !(20..=35).contains(&bytes.len()) || bytes.get(4) != Some(&b'-') || bytes.get(10) != Some(&b'T') {
        return None;
    }
    let plain = text.strip_suffix("+0000").map(|t| format!("{t}Z"));
    let at: Timestamp = plain.as_deref().unwrap_or(text).parse().ok()?;
    Some(at.as_millisecond() as f64 / 1_000.0)
}

/// An ISO 8601 time in UTC, as XML answers have it.
#[must_use]
pub fn iso(at: f64) -> String {
    let millis = (at * 1_000.0).round() as i64;
    let time = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MIN);
    if millis % 1_000 == 0 { format!("{time:.0}") } else { format!("{time:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The world began on Monday the 23rd and runs 60 times as fast; the client's clock said 1,000,000.
    const FAST: Clock = Clock { world_start: 1_795_392_000, client_start: 1_000_000.0, speed: 60.0 };

    #[test]
    fn minutes_of_metrics_stay_minutes_and_the_newest_is_the_newest() {
        let clock = Clock { world_start: 6_000, client_start: 1_000_000_020.0, speed: 60.0 };
        // 70 s for the client later, 70 minutes of the world have passed.
        let metrics = clock.of_metrics(6_000 + 4_200);
        let end = metrics.to_world(1_000_000_080.0);
        assert_eq!(end, 10_200.0, "the client's running minute is the world's");
        assert_eq!(metrics.to_world(1_000_000_020.0), end - 60.0);
        assert_eq!(metrics.to_client(end - 120.0), 999_999_960.0);
        let plain = Clock { speed: 1.0, ..clock };
        assert_eq!(plain.of_metrics(10_200), plain);
    }

    #[test]
    fn an_hour_of_the_world_is_a_minute_of_the_client_in_both_directions() {
        assert_eq!(FAST.to_client(1_795_392_000.0 + 3_600.0), 1_000_060.0);
        assert_eq!(FAST.to_world(1_000_060.0), 1_795_392_000.0 + 3_600.0);
        for second in 0..500 {
            let world = (FAST.world_start + second * 7) as f64;
            assert!((FAST.to_world(FAST.to_client(world)) - world).abs() <= 0.03, "to the millisecond of the client");
        }
    }

    #[test]
    fn with_speed_1_from_now_the_mapping_is_the_identity() {
        let same = Clock { world_start: 1_795_392_000, client_start: 1_795_392_000.0, speed: 1.0 };
        assert_eq!(
            (same.to_client(1_795_392_061.5), same.to_world(1_795_392_061.5)),
            (1_795_392_061.5, 1_795_392_061.5)
        );
        assert_eq!(same.text("2026-11-23T00:01:02.662+0000").as_deref(), Some("2026-11-23T00:01:02.662+0000"));
        assert_eq!(same.text("2026-11-23T00:01:02Z").as_deref(), Some("2026-11-23T00:01:02Z"));
        assert_eq!(same.text("2026-11-23T00:01:02.98Z").as_deref(), Some("2026-11-23T00:01:02.98Z"));
    }

    #[test]
    fn the_worlds_minutes_begin_with_whole_parts_of_the_clients() {
        for (speed, client, expected) in
            [(1.0, 1_000_019.5, 999_960.0), (0.0, 1_000_019.5, 999_960.0), (60.0, 7.3, 7.0)]
        {
            let clock = Clock::starting(1_795_392_047, client, speed);
            assert_eq!((clock.world_start, clock.client_start), (1_795_392_000, expected), "{speed}");
            assert!(clock.to_world(client) - 1_795_392_000.0 < 60.0);
        }
    }

    #[test]
    fn the_world_never_goes_back_and_stands_at_speed_0() {
        assert_eq!(FAST.now(1_000_001.0, 0), 1_795_392_060);
        assert_eq!(FAST.now(999_000.0, 1_795_392_030), 1_795_392_030, "the wall clock was set back");
        let standing = Clock { speed: 0.0, ..FAST };
        assert_eq!(standing.now(2_000_000.0, 1_795_392_030), 1_795_392_030);
        assert_eq!(standing.to_client(1_795_392_030.0), 1_000_030.0);
    }

    #[test]
    fn requests_are_mapped_by_the_names_of_their_times_whatever_the_protocol_sends() {
        for at in [Value::Integer(1_000_060), Value::Text("1970-01-12T13:47:40Z".into()), Value::Time(1_000_060.0)] {
            let mut map = Map::new().with("Inner", vec![Map::new().with("StartTime", at).with("Period", 60_i64)]);
            FAST.request(&mut map);
            let inner = map.maps("Inner").unwrap()[0].clone();
            assert_eq!(inner.time("StartTime").unwrap(), Some(1_795_395_600.0));
            assert_eq!(inner.integer("Period").unwrap(), Some(60), "a length is no time");
        }
    }

    #[test]
    fn events_and_json_within_texts_are_mapped_and_other_texts_are_not() {
        let mut event = json!({
            "time": "2026-11-23T01:00:00Z",
            "id": "2026-11-23",
            "detail": {"state": {"timestamp": "2026-11-23T01:00:00.662+0000",
                       "reasonData": "{\"startDate\":\"2026-11-23T01:00:00.000+0000\",\"period\":60}"}},
        });
        FAST.event(&mut event);
        assert_eq!(event["time"], "1970-01-12T13:47:40Z");
        assert_eq!(event["id"], "2026-11-23");
        assert_eq!(event["detail"]["state"]["timestamp"], "1970-01-12T13:47:40.011+0000");
        let data = event["detail"]["state"]["reasonData"].as_str().unwrap();
        assert!(data.contains("1970-01-12T13:47:40.000+0000") && data.contains("60"), "{data}");
    }
}
