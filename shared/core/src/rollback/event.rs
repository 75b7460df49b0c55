//! What CI hears of a rollback: the `detail` of an event on the account's default bus.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::end::End;
use super::watch::{By, Stage, Watch};
use crate::entry::Entry;
use crate::id::{DecisionId, ServiceId};

/// `source` of the event.
pub const EVENT_SOURCE: &str = "headroom";
/// `detail-type` of the event.
pub const EVENT_TYPE: &str = "Headroom Rollback";

/// How far a rollback has come. After [`Self::Begun`] exactly one of the others follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Came {
    /// The way back is under way.
    Begun,
    /// The good revision is back, and its errors are gone.
    Verified,
    /// It is back, and nobody can tell whether errors are gone.
    NotVerified,
    /// It is back, and errors go on: people are paged.
    NotRecovered,
    /// Somebody deployed meanwhile, and what they want counts.
    StoodBack,
    /// The deployment ended successful before it could be taken back; it is judged again, and [`Self::Begun`] may follow
    /// once more.
    Outran,
    /// It did not come back, or something else did: people are paged. Also sent when nothing had begun.
    Failed,
}

impl Came {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Begun,
        Self::Verified,
        Self::NotVerified,
        Self::NotRecovered,
        Self::StoodBack,
        Self::Outran,
        Self::Failed,
    ];

    /// The word in the event.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Verified => "verified",
            Self::NotVerified => "not-verified",
            Self::NotRecovered => "not-recovered",
            Self::StoodBack => "stood-back",
            Self::Outran => "outran",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The detail of one event. It holds names and numbers, and no words of AWS: it may be read by everybody who reads the
/// bus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollbackEvent {
    /// The same however often it is sent: who has handled it drops the rest.
    pub id: String,
    /// How far it has come.
    pub state: Came,
    /// When.
    pub at: Timestamp,
    /// `prod-eu/web`, as the fleet file names it.
    pub service: String,
    /// The ECS service.
    pub ecs: ServiceId,
    /// ARN of the service deployment that is taken back.
    pub deployment: String,
    /// ARN of the task definition that is taken back; absent when it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// ARN of the task definition that returns; absent when ECS goes back by itself and has not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Who goes back.
    pub by: By,
    /// What `headroom explain` takes.
    pub decision: DecisionId,
    /// How it ended, by the name that `headroom explain` has for it; absent while it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

impl RollbackEvent {
    /// That a way back has begun; as of its plan, so that told again after a crash it is the same.
    #[must_use]
    pub fn begun(entry: &Entry, watch: &Watch) -> Option<Self> {
        let back = watch.back.as_ref()?;
        Some(Self::of(entry, watch, Came::Begun, back.planned_at, None))
    }

    /// That the deployment outran its way back.
    #[must_use]
    pub fn outran(entry: &Entry, watch: &Watch, now: Timestamp) -> Self {
        Self::of(entry, watch, Came::Outran, now, None)
    }

    /// How it ended; `None` for a watch that ends without a way back.
    #[must_use]
    pub fn ended(entry: &Entry, watch: &Watch, end: &End, now: Timestamp) -> Option<Self> {
        watch.back.as_ref()?;
        let under_way = match watch.stage {
            Stage::Sent | Stage::Following | Stage::Verifying { .. } => true,
            Stage::Watching | Stage::Proposed | Stage::Ended => false,
        };
        Some(Self::of(entry, watch, came(end).filter(|_| under_way)?, now, Some(end.name().to_owned())))
    }

    fn of(entry: &Entry, watch: &Watch, state: Came, at: Timestamp, outcome: Option<String>) -> Self {
        let named = |arn: &str| Some(arn.to_owned()).filter(|arn| !arn.is_empty());
        let back = watch.back.as_ref();
        // The second way of one case begins once more.
        let again = if back.is_some_and(|back| back.second) { "/2" } else { "" };
        Self {
            id: format!("{}/{state}{again}", entry.key),
            state,
            at,
            service: entry.label.clone(),
            ecs: entry.service.clone(),
            deployment: watch.deployment.clone(),
            from: named(&watch.task_definition),
            to: back.and_then(|back| named(&back.task_definition)),
            by: back.map_or(By::Ecs, |back| back.by),
            decision: entry.decision.clone(),
            outcome,
        }
    }
}

/// What an end is for CI; `None` for one that no way back has.
fn came(end: &End) -> Option<Came> {
    match end {
        End::Recovered { .. } => Some(Came::Verified),
        End::NotRecovered { .. } => Some(Came::NotRecovered),
        // Nobody looks any more: what was begun is begun.
        End::Unverified { .. } | End::LeftTheFleet | End::Gone => Some(Came::NotVerified),
        End::StoodBack { .. } => Some(Came::StoodBack),
        End::Failed { .. }
        | End::WrongTarget { .. }
        | End::Overtook { .. }
        | End::Undone { .. }
        | End::OtherImage { .. }
        | End::NotSent { .. }
        | End::NotFinished { .. } => Some(Came::Failed),
        End::Passed | End::Unsure { .. } | End::Superseded { .. } | End::Observed | End::NotAccepted => None,
    }
}

/// A member of the detail: name, whether it is always there, its schema.
type Member = (&'static str, bool, Value);

fn members() -> Vec<Member> {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let words = |about: &str, words: &[&str]| json!({ "enum": words, "description": about });
    let states: Vec<&str> = Came::ALL.iter().map(|came| came.name()).collect();
    let ecs = json!({
        "type": "object",
        "description": "The ECS service.",
        "properties": {
            "account": text("Twelve digits."),
            "region": text("For example eu-west-1."),
            "cluster": text("Name of the cluster."),
            "service": text("Name of the service in it."),
        },
        "required": ["account", "cluster", "region", "service"],
    });
    vec![
        ("id", true, text("The same however often the event is sent: it is sent at least once.")),
        ("state", true, words("How far the rollback has come; after begun exactly one other follows.", &states)),
        ("at", true, json!({ "type": "string", "format": "date-time", "description": "When, in UTC." })),
        ("service", true, text("ENVIRONMENT/NAME, as the fleet file names it.")),
        ("ecs", true, ecs),
        ("deployment", true, text("ARN of the service deployment that is taken back.")),
        ("from", false, text("ARN of the task definition that is taken back; absent when it was not read.")),
        ("to", false, text("ARN of the task definition that returns; absent when ECS has not said.")),
        ("by", true, words("Who goes back: Headroom, ECS by itself, or a person.", &["headroom", "ecs", "person"])),
        ("decision", true, text("What `headroom explain` takes.")),
        ("outcome", false, text("How it ended, by the name in `headroom explain`; absent while it has not.")),
    ]
}

/// The JSON Schema of the whole event, for whoever writes a rule or a handler.
#[must_use]
pub fn event_schema() -> Value {
    let members = members();
    let required: Vec<&str> = members.iter().filter(|(_, always, _)| *always).map(|(name, _, _)| *name).collect();
    let properties: serde_json::Map<String, Value> =
        members.iter().map(|(name, _, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": EVENT_TYPE,
        "description": "An event of Headroom on the default bus of the account and region of the service. New members \
                        may be added; none is removed.",
        "type": "object",
        "properties": {
            "source": { "const": EVENT_SOURCE },
            "detail-type": { "const": EVENT_TYPE },
            "detail": { "type": "object", "properties": properties, "required": required },
        },
        "required": ["detail", "detail-type", "source"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Mode;
    use crate::id::CaseKey;
    use crate::rollback::{Back, Way};

    fn scene(stage: Stage) -> (Entry, Watch) {
        let id = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
        let at = Timestamp::UNIX_EPOCH;
        let entry = Entry::new(CaseKey("k".into()), id, "e/s".into(), "bad-deploy".into(), Mode::Act, at);
        let mut watch = Watch::new("arn:d".into(), at, "arn:r2".into(), "arn:td:2".into(), 4);
        watch.stage = stage;
        watch.back = Some(Back {
            by: By::Headroom,
            way: Way::Update,
            revision: "arn:r1".into(),
            task_definition: "arn:td:1".into(),
            good_since: None,
            planned_at: at,
            primary: String::new(),
            ours: None,
            second: false,
        });
        (entry, watch)
    }

    const RECOVERED: End = End::Recovered { errors: 0, requests: 9 };

    #[test]
    fn every_member_stands_in_the_schema_and_what_is_required_is_always_there() {
        let (entry, mut watch) = scene(Stage::Following);
        let detail = |event: RollbackEvent| serde_json::to_value(event).unwrap();
        let full = detail(RollbackEvent::ended(&entry, &watch, &RECOVERED, Timestamp::UNIX_EPOCH).unwrap());
        watch.task_definition.clear();
        watch.back.as_mut().unwrap().task_definition.clear();
        let least = detail(RollbackEvent::begun(&entry, &watch).unwrap());
        let schema = event_schema();
        let of = &schema["properties"]["detail"];
        let keys = |v: &Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&of["properties"]), keys(&full), "sorted alike");
        let mut required: Vec<String> = serde_json::from_value(of["required"].clone()).unwrap();
        required.sort();
        assert_eq!(required, keys(&least));
        assert_eq!(keys(&of["properties"]["ecs"]["properties"]), keys(&full["ecs"]));
        for came in Came::ALL {
            assert_eq!(serde_json::to_value(came).unwrap(), came.name());
        }
    }

    #[test]
    fn an_event_has_the_same_id_however_often_it_is_made_and_another_for_each_state() {
        let (entry, mut watch) = scene(Stage::Following);
        let begun = RollbackEvent::begun(&entry, &watch).unwrap();
        assert_eq!(begun, RollbackEvent::begun(&entry, &watch).unwrap());
        let ended = RollbackEvent::ended(&entry, &watch, &RECOVERED, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((begun.id.as_str(), ended.id.as_str()), ("k/begun", "k/verified"));
        watch.back.as_mut().unwrap().second = true;
        assert_eq!(RollbackEvent::begun(&entry, &watch).unwrap().id, "k/begun/2");
    }

    #[test]
    fn only_what_was_sent_has_an_end_for_ci() {
        for (stage, end, came) in [
            (Stage::Following, End::LeftTheFleet, Some(Came::NotVerified)),
            (Stage::Sent, End::NotSent { why: String::new() }, Some(Came::Failed)),
            (Stage::Watching, End::LeftTheFleet, None),
            (Stage::Proposed, End::NotAccepted, None),
            (Stage::Watching, End::Passed, None),
        ] {
            let (entry, watch) = scene(stage);
            let event = RollbackEvent::ended(&entry, &watch, &end, Timestamp::UNIX_EPOCH);
            assert_eq!(event.map(|e| e.state), came, "{stage:?} {end:?}");
        }
    }
}
