//! `channels`: where notices go. A token stands here as a reference to a secret, never as itself.
//!
//! No value of a channel is repeated in a problem: what is refused may be a secret under the wrong key.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::node::{Entry, Fields, Node, Value, Want};
use super::problem::Findings;
use super::quiet::{self, QuietHours};
use super::schema::{self, Key};
use super::secret::{self, SecretRef, unprinted};
use super::{count, environment, name, words};

const EXAMPLE: &str = "ops: { kind: email, address: ops@example.com }";
/// Slack takes about one message a second from a bot, for all of its channels: a burst of this many is out in the minute,
/// and leaves room for edits and for other environments.
const PER_MINUTE_MAX: u32 = 20;
/// None at all would be silence, and 60 is what Slack takes.
const PER_MINUTE: (u32, u32) = (1, 60);
/// Slack takes channel names up to this length.
const SLACK_NAME_CHARACTERS_MAX: usize = 80;
/// RFC 5321: a path is 256 characters with its angle brackets, 64 of them before the `@`.
const ADDRESS_CHARACTERS_MAX: usize = 254;
const ADDRESS_LOCAL_CHARACTERS_MAX: usize = 64;
/// SNS takes topic names up to this length.
const TOPIC_NAME_CHARACTERS_MAX: usize = 256;
const WANT_SLACK: Want<'_> = Want {
    expected: "a Slack channel in quotes, as an unquoted `#` begins a comment; or its id",
    example: "channel: \"#langfuse-ops\"",
};
/// [`is_slack_channel`], where letters beyond ASCII all count as small ones.
const SLACK_PATTERN: &str = "^(?:#(?:[a-z0-9_-]|[^\\u0000-\\u007f]){1,80}|[CG][A-Z0-9]{8,15})$";
const WANT_ADDRESS: Want<'_> = Want { expected: "one e-mail address", example: "address: ops@example.com" };
const WANT_TOPIC: Want<'_> = Want {
    expected: "the ARN of a standard SNS topic",
    example: "topic: \"arn:aws:sns:eu-west-1:222222222222:notices\"",
};
/// A kind that is not known is repeated up to this length; nothing longer is a misspelt kind.
const KIND_CHARACTERS_MAX: usize = 16;

/// A place that notices go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Name in the fleet file, for example `ops`.
    pub name: String,
    /// What it is, and what that needs.
    pub kind: ChannelKind,
    /// Hours in which only pages come through; the rest comes as one message when they are over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// Notices of one environment in one minute; what is more comes as one message with a count.
    #[serde(default = "per_minute_max", skip_serializing_if = "is_usual")]
    pub per_minute_max: u32,
}

fn per_minute_max() -> u32 {
    PER_MINUTE_MAX
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_usual(per_minute_max: &u32) -> bool {
    *per_minute_max == PER_MINUTE_MAX
}

/// The kinds of channel, each with its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ChannelKind {
    /// A Slack channel, written to by a bot.
    Slack {
        /// `#name`, or an id such as `C0123ABCD`.
        channel: String,
        /// The bot's token.
        token: SecretRef,
    },
    /// A PagerDuty service, through the Events API v2.
    Pagerduty {
        /// The integration's routing key.
        routing_key: SecretRef,
    },
    /// An e-mail address; it gets what opens and what closes, as a mail cannot be edited.
    Email {
        /// One address.
        address: String,
    },
    /// An SNS topic of the reader's own.
    Sns {
        /// Its ARN.
        topic: String,
    },
}

const KIND: Key =
    Key("kind", "What it is; what else it needs depends on it.", || schema::words(&Kind::ALL.map(Kind::word)));

/// What any kind may have.
const COMMON: [Key; 2] = [
    Key(
        "quiet_hours",
        "Hours in which only pages come through; the rest comes as one message when they are over.",
        quiet::schema,
    ),
    Key("per_minute_max", "Notices of one environment in one minute; more come as one message with a count.", || {
        schema::or(count::schema(PER_MINUTE.0, PER_MINUTE.1, "20"), PER_MINUTE_MAX.into())
    }),
];

/// The keys of all kinds.
fn keys() -> Vec<Key> {
    std::iter::once(KIND).chain(COMMON).chain(Kind::ALL.iter().flat_map(|kind| kind.keys().iter().copied())).collect()
}

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    let rules = |kind: Kind| {
        let needs = schema::all_of(&schema::names(kind.keys()));
        [needs, schema::without(&kind.foreign())].map(|rule| schema::where_is(KIND.0, &[kind.word()], rule))
    };
    let channel = schema::shown(schema::mapping(&keys(), &[KIND.0]), EXAMPLE);
    schema::by_name(&schema::with(channel, Kind::ALL.into_iter().flat_map(rules).collect()))
}

/// The word in the file, before its keys are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Slack,
    Pagerduty,
    Email,
    Sns,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Slack, Self::Pagerduty, Self::Email, Self::Sns];

    fn word(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Pagerduty => "pagerduty",
            Self::Email => "email",
            Self::Sns => "sns",
        }
    }

    /// What it needs beside `kind`: all of it, and nothing else.
    fn keys(self) -> &'static [Key] {
        const SLACK: [Key; 2] = [
            Key("channel", "#name in quotes, or the id of a channel.", || schema::text(WANT_SLACK, SLACK_PATTERN)),
            Key("token", "Reference to the token of a bot, never the token.", secret::schema),
        ];
        const PAGERDUTY: [Key; 1] =
            [Key("routing_key", "Reference to the routing key of an integration, never the key.", secret::schema)];
        const EMAIL: [Key; 1] = [Key("address", "One e-mail address.", address_schema)];
        const SNS: [Key; 1] = [Key("topic", "ARN of a standard SNS topic.", topic_schema)];
        match self {
            Self::Slack => &SLACK,
            Self::Pagerduty => &PAGERDUTY,
            Self::Email => &EMAIL,
            Self::Sns => &SNS,
        }
    }

    /// What other kinds need and this one does not.
    fn foreign(self) -> Vec<&'static str> {
        let others = Self::ALL.into_iter().filter(|other| *other != self);
        others.flat_map(|other| schema::names(other.keys())).collect()
    }

    fn example(self) -> &'static str {
        match self {
            Self::Slack => "ops: { kind: slack, channel: \"#ops\", token: \"secretsmanager:headroom/slack\" }",
            Self::Pagerduty => "oncall: { kind: pagerduty, routing_key: \"secretsmanager:headroom/pagerduty\" }",
            Self::Email => EXAMPLE,
            Self::Sns => "own: { kind: sns, topic: \"arn:aws:sns:eu-west-1:222222222222:notices\" }",
        }
    }

    fn read(self, fields: &Fields<'_>, f: &mut Findings) -> Option<ChannelKind> {
        let example = self.example();
        let mut text = |key, read: fn(&Node, &mut Findings) -> Option<String>| fields.require(f, key, example, read);
        match self {
            Self::Slack => {
                let channel = text("channel", slack_channel);
                let token = fields.require(f, "token", example, SecretRef::read);
                Some(ChannelKind::Slack { channel: channel?, token: token? })
            }
            Self::Pagerduty => {
                let routing_key = fields.require(f, "routing_key", example, SecretRef::read);
                Some(ChannelKind::Pagerduty { routing_key: routing_key? })
            }
            Self::Email => text("address", address).map(|address| ChannelKind::Email { address }),
            Self::Sns => text("topic", topic).map(|topic| ChannelKind::Sns { topic }),
        }
    }
}

/// Reads the section.
pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Vec<Channel>> {
    let entries = mapping(node, "a mapping of channels by name", f)?;
    Some(entries.iter().filter_map(|entry| channel(entry, f)).collect())
}

fn channel(entry: &Entry, f: &mut Findings) -> Option<Channel> {
    name::check_key(entry, f);
    mapping(&entry.node, "a mapping with `kind` and its keys", f)?;
    let fields = entry.node.mapping(f, &keys(), EXAMPLE)?;
    let per_minute = |n: &Node, f: &mut Findings| count::read(n, f, PER_MINUTE.0, PER_MINUTE.1, "per_minute_max: 20");
    let quiet_hours = fields.read(f, COMMON[0].0, QuietHours::read);
    let per_minute_max = fields.read(f, COMMON[1].0, per_minute).unwrap_or(PER_MINUTE_MAX);
    let kind = fields.require(f, KIND.0, EXAMPLE, kind)?;
    for key in kind.foreign() {
        if let Some(foreign) = fields.entry(key) {
            let own: Vec<&str> = std::iter::once(KIND.0).chain(schema::names(kind.keys())).collect();
            let expected = format!("what this kind needs: {}", words::list(&own));
            f.problem(&foreign.at, format!("`{key}` beside `kind: {}`", kind.word()), &expected, kind.example());
        }
    }
    Some(Channel { name: entry.key.clone(), kind: kind.read(&fields, f)?, quiet_hours, per_minute_max })
}

/// The entries of a mapping; anything else is refused without its value.
fn mapping<'n>(node: &'n Node, expected: &str, f: &mut Findings) -> Option<&'n [Entry]> {
    if let Value::Map(entries) = &node.value {
        return Some(entries);
    }
    f.problem(&node.place, unprinted(node, "no mapping"), expected, EXAMPLE);
    None
}

fn kind(node: &Node, f: &mut Findings) -> Option<Kind> {
    let text = if let Value::Text(text) = &node.value { text.as_str() } else { "" };
    let read = Kind::ALL.into_iter().find(|kind| kind.word() == text);
    if read.is_none() {
        let known = Kind::ALL.map(Kind::word);
        let word =
            text.len() <= KIND_CHARACTERS_MAX && !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
        let found =
            if word { format!("`{text}`{}", words::hint(text, &known)) } else { unprinted(node, "no kind of channel") };
        f.problem(&node.place, found, &format!("one of {}", words::list(&known)), EXAMPLE);
    }
    read
}

/// Reads a text; what does not fit is refused without being repeated.
fn quiet(node: &Node, f: &mut Findings, fits: fn(&str) -> bool, what: &str, want: Want<'_>) -> Option<String> {
    if let Value::Text(text) = &node.value
        && fits(text)
    {
        return Some(text.clone());
    }
    f.problem(&node.place, unprinted(node, what), want.expected, want.example);
    None
}

fn slack_channel(node: &Node, f: &mut Findings) -> Option<String> {
    quiet(node, f, is_slack_channel, "neither `#name` nor a channel's id", WANT_SLACK)
}

/// `#name` as Slack takes it (no capitals, spaces or dots), or an id: `C0123ABCD`.
fn is_slack_channel(text: &str) -> bool {
    let Some(name) = text.strip_prefix('#') else {
        return text.starts_with(['C', 'G'])
            && (9..=16).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    };
    let fits = |c: char| c == '-' || c == '_' || (c.is_alphanumeric() && !c.is_uppercase());
    !name.is_empty() && name.chars().count() <= SLACK_NAME_CHARACTERS_MAX && name.chars().all(fits)
}

fn address(node: &Node, f: &mut Findings) -> Option<String> {
    quiet(node, f, is_address, "no e-mail address", WANT_ADDRESS)
}

fn address_schema() -> Json {
    let local = format!("[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,{ADDRESS_LOCAL_CHARACTERS_MAX}}}");
    let label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
    schema::text(WANT_ADDRESS, &format!("^(?=.{{1,{ADDRESS_CHARACTERS_MAX}}}$){local}@{label}(?:\\.{label})+$"))
}

/// The shape of an address that a person writes: no quotes, comments or literal hosts (RFC 5321 has them all).
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let word = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let label = |l: &str| {
        !l.is_empty()
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.len() <= ADDRESS_CHARACTERS_MAX
        && (1..=ADDRESS_LOCAL_CHARACTERS_MAX).contains(&local.len())
        && local.chars().all(word)
        && domain.contains('.')
        && domain.split('.').all(label)
}

fn topic(node: &Node, f: &mut Findings) -> Option<String> {
    quiet(node, f, is_topic, "no ARN of a standard topic", WANT_TOPIC)
}

fn topic_schema() -> Json {
    let (partition, region, account) = (environment::PARTITION, environment::REGION, environment::ACCOUNT);
    let name = format!("[A-Za-z0-9_-]{{1,{TOPIC_NAME_CHARACTERS_MAX}}}");
    schema::text(WANT_TOPIC, &format!("^arn:{partition}:sns:{region}:{account}:{name}$"))
}

/// `arn:PARTITION:sns:REGION:ACCOUNT:NAME`; the name of a FIFO topic ends in `.fifo`, and the dot is refused.
fn is_topic(text: &str) -> bool {
    let [arn, partition, service, region, account, name] = *text.split(':').collect::<Vec<_>>() else { return false };
    arn == "arn"
        && environment::is_partition(partition)
        && service == "sns"
        && environment::is_region(region)
        && environment::is_account(account)
        && (1..=TOPIC_NAME_CHARACTERS_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn read_all(text: &str) -> Result<Vec<Channel>, Vec<(String, String)>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let channels = super::read(&node, &mut f);
        let problems: Vec<_> = f.problems.into_iter().map(|p| (p.path, p.found)).collect();
        channels.filter(|_| problems.is_empty()).ok_or(problems)
    }

    #[test]
    fn each_kind_has_its_own_keys() {
        for kind in Kind::ALL {
            let channels = read_all(&format!("{{ {} }}", kind.example())).expect("the example is right");
            let json = serde_json::to_value(&channels[0].kind).expect("JSON");
            let keys: Vec<&String> = json[kind.word()].as_object().expect("keys").keys().collect();
            assert_eq!(keys, schema::names(kind.keys()), "{kind:?}");
            for foreign in kind.foreign() {
                let text = format!("{{ {} }}", kind.example().replace(" }", &format!(", {foreign}: x }}")));
                let problems = read_all(&text).expect_err("refused");
                assert_eq!(problems.len(), 1, "{problems:?}");
                assert_eq!(problems[0].1, format!("`{foreign}` beside `kind: {}`", kind.word()));
            }
            for missing in schema::names(kind.keys()) {
                let text = format!("{{ {} }}", kind.example().replace(&format!("{missing}: "), "missing: "));
                let found: Vec<String> = read_all(&text).expect_err("refused").into_iter().map(|(_, f)| f).collect();
                assert!(found.contains(&format!("no `{missing}`")), "{found:?}");
            }
        }
    }

    #[test]
    fn no_value_of_a_channel_is_ever_repeated() {
        for text in [
            "NEVERTELL",
            "{ ops: NEVERTELL }",
            "{ ops: [NEVERTELL] }",
            "{ ops: { kind: NEVERTELL } }",
            "{ ops: { kind: neverneverneverNEVERTELL } }",
            "{ ops: { kind: slack, channel: NEVERTELL, token: NEVERTELL } }",
            "{ ops: { kind: slack, channel: [NEVERTELL], token: { a: NEVERTELL } } }",
            "{ ops: { kind: pagerduty, routing_key: NEVERTELL, token: NEVERTELL, webhook: NEVERTELL } }",
            "{ ops: { kind: email, address: NEVERTELL } }",
            "{ ops: { kind: sns, topic: NEVERTELL } }",
            "{ ops: { kind: slack, channel: 'https://hooks.slack.com/services/T0/B0/NEVERTELL', token: x } }",
        ] {
            let problems = read_all(text).expect_err(text);
            assert!(!problems.is_empty() && !format!("{problems:?}").contains("NEVERTELL"), "{problems:?}");
        }
    }

    #[test]
    fn a_kind_is_one_of_a_closed_list() {
        let found = |kind: &str| read_all(&format!("{{ a: {{ kind: {kind} }} }}")).map_err(|all| all[0].1.clone());
        assert_eq!(found("teams"), Err("`teams`".to_owned()));
        assert_eq!(found("slak"), Err("`slak`, did you mean `slack`?".to_owned()));
        assert!(found("Slack").is_err() && found("[slack]").is_err() && found("1").is_err());
    }

    #[test]
    fn slack_channels_are_names_with_a_hash_or_ids() {
        for good in ["#ops", "#langfuse-ops", "#a_1", "#betrieb-süd", "C0123ABCD", "G01234ABCDE"] {
            assert!(is_slack_channel(good), "{good}");
        }
        for bad in ["", "#", "ops", "#Ops", "#a b", "#a.b", "##ops", "@ops", "c0123abcd", "C0", "U0123ABCD", "#a#b"] {
            assert!(!is_slack_channel(bad), "{bad}");
        }
        assert!(!is_slack_channel(&format!("#{}", "x".repeat(81))));
    }

    #[test]
    fn addresses_have_the_shape_that_people_write() {
        for good in ["ops@example.com", "a.b+c@mail.example.co.uk", "platform-oncall@example.com"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "ops",
            "ops@",
            "@example.com",
            "ops@example",
            "a@b@c.de",
            "a b@c.de",
            "a@c..de",
            "a@-c.de",
            "a@b.de, c@d.de",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(!is_address(&format!("{}@example.com", "x".repeat(65))));
    }

    #[test]
    fn topics_are_standard_topics_in_any_partition() {
        for good in
            ["arn:aws:sns:eu-west-1:222222222222:notices", "arn:aws-us-gov:sns:us-gov-west-1:222222222222:a_b-c"]
        {
            assert!(is_topic(good), "{good}");
        }
        for bad in [
            "notices",
            "arn:aws:sqs:eu-west-1:222222222222:notices",
            "arn:aws:sns:eu-west-1:2222:notices",
            "arn:aws:sns::222222222222:notices",
            "arn:aws:sns:eu-west-1:222222222222:notices.fifo",
            "arn:aws:sns:eu-west-1:222222222222:",
            "arn:aws:sns:eu-west-1:222222222222:a:b",
        ] {
            assert!(!is_topic(bad), "{bad}");
        }
    }
}
