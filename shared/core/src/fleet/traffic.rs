//! `switches.*.traffic`: what sends requests to one service or the other, and how it is moved.
//!
//! Always in one move to a single target: weights with sticky sessions keep users on the old side (SEMANTICS 27).

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::node::{Fields, Node, Want};
use super::problem::Findings;
use super::schema::{self, Key};
use super::{endpoint, environment, words};

pub(crate) const EXAMPLE: &str =
    "traffic: { manual: \"the proxy's backend URL\", old: \"http://a.example.com\", new: \"http://b.example.com\" }";
pub(crate) const EXAMPLE_LISTENER: &str = "listener: \"arn:aws:elasticloadbalancing:us-east-1:123456789012:\
    listener/app/ai/50dc6c495c0c9188/f2f7dc8efc522ab2\"";
const WANT_LISTENER: Want<'_> = Want {
    expected: "the ARN of a listener of an Application Load Balancer, or of one of its rules",
    example: EXAMPLE_LISTENER,
};
const WANT_ZONE: Want<'_> = Want { expected: "the id of a hosted zone", example: "zone: Z0123456789ABCDEFGHIJ" };
const WANT_INSTRUCTION: Want<'_> = Want {
    expected: "one line of at most 200 characters: what a person changes, and where",
    example: "manual: \"Entra App Proxy, backend URL\"",
};
/// What a person is told to change fits into a line of a notice.
const INSTRUCTION_CHARACTERS_MAX: usize = 200;
/// Route 53 takes ids of hosted zones up to this length.
const ZONE_CHARACTERS_MAX: usize = 32;

/// Where requests are told which service they go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Traffic {
    /// A listener of an Application Load Balancer, or one of its rules: it forwards to one target group, the
    /// old service's or the new one's.
    Listener {
        /// ARN of the listener (its default action changes) or of the rule.
        arn: String,
    },
    /// A record of a hosted zone.
    Route53 {
        /// Name of the record.
        record: String,
        /// Id of the hosted zone.
        zone: String,
        /// DNS name that the record holds for the old service.
        old: String,
        /// DNS name that it holds for the new one.
        new: String,
    },
    /// Something that only a person can change; the switch says what to change, waits and verifies.
    Manual {
        /// What it is, for people.
        instruction: String,
        /// URL that it holds for the old service.
        old: String,
        /// URL that it holds for the new one.
        new: String,
    },
}

/// The key that names the kind, and what stands beside it.
const KINDS: [(&str, &[&str]); 3] =
    [("listener", &[]), ("route53", &["zone", "old", "new"]), ("manual", &["old", "new"])];
const KEYS: [Key; 6] = [
    Key("listener", "ARN of a listener of an Application Load Balancer, or of one of its rules.", listener_schema),
    Key("route53", "Name of a record.", endpoint::dns_name_schema),
    Key("manual", "What a person changes, and where.", instruction_schema),
    Key("zone", "Id of the hosted zone of the record.", || {
        schema::text(WANT_ZONE, &format!("^Z[A-Z0-9]{{1,{}}}$", ZONE_CHARACTERS_MAX - 1))
    }),
    Key("old", "What the record or the proxy holds for the service before.", || json!({})),
    Key("new", "What it holds for the service after.", || json!({})),
];

/// What [`Traffic::read`] takes.
pub(crate) fn schema() -> Json {
    let mut rules = vec![schema::one_of(&KINDS.map(|(kind, _)| kind))];
    for (kind, own) in KINDS {
        rules.push(schema::beside(kind, schema::all_of(own)));
        rules.push(schema::beside(kind, schema::without(&foreign(kind, own))));
    }
    let sides = |side: Json| json!({ "properties": { "old": side, "new": side } });
    rules.push(schema::beside("route53", sides(endpoint::dns_name_schema())));
    rules.push(schema::beside("manual", sides(endpoint::url_schema())));
    schema::with(schema::shown(schema::mapping(&KEYS, &[]), EXAMPLE), rules)
}

/// What other kinds need and this one does not.
fn foreign(kind: &str, own: &[&str]) -> Vec<&'static str> {
    schema::names(&KEYS).into_iter().filter(|key| *key != kind && !own.contains(key)).collect()
}

impl Traffic {
    /// Reads the element.
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields = node.mapping(f, &KEYS, EXAMPLE)?;
        let chosen: Vec<_> = KINDS.into_iter().filter(|(kind, _)| fields.get(kind).is_some()).collect();
        let [(kind, own)] = *chosen else {
            let names: Vec<&str> = chosen.iter().map(|(kind, _)| *kind).collect();
            let expected = format!("exactly one of {}", words::list(&KINDS.map(|(kind, _)| kind)));
            f.problem(fields.place, words::list(&names), &expected, EXAMPLE);
            return None;
        };
        for entry in foreign(kind, own).into_iter().filter_map(|key| fields.entry(key)) {
            let expected = format!("what `{kind}` needs: {}", words::list(own));
            f.problem(&entry.at, format!("`{}` beside `{kind}`", entry.key), &expected, EXAMPLE);
        }
        match kind {
            "listener" => fields.require(f, kind, EXAMPLE, listener).map(|arn| Self::Listener { arn }),
            "route53" => {
                let record = fields.require(f, kind, EXAMPLE, endpoint::dns_name);
                let zone = fields.require(f, "zone", "zone: Z0123456789ABCDEFGHIJ", zone);
                let (old, new) = sides(&fields, endpoint::dns_name, f)?;
                Some(Self::Route53 { record: record?, zone: zone?, old, new })
            }
            _ => {
                let instruction = fields.require(f, kind, EXAMPLE, instruction);
                let (old, new) = sides(&fields, endpoint::url, f)?;
                Some(Self::Manual { instruction: instruction?, old, new })
            }
        }
    }
}

/// `old` and `new`, which differ.
fn sides(
    fields: &Fields<'_>,
    read: fn(&Node, &mut Findings) -> Option<String>,
    f: &mut Findings,
) -> Option<(String, String)> {
    let old = fields.require(f, "old", EXAMPLE, read);
    let new = fields.require(f, "new", EXAMPLE, read);
    let (old, new) = (old?, new?);
    if old == new {
        f.problem(fields.place, format!("`old` and `new` are both `{old}`"), "one for each service", EXAMPLE);
        return None;
    }
    Some((old, new))
}

fn listener(node: &Node, f: &mut Findings) -> Option<String> {
    node.text(f, WANT_LISTENER, |text| Listener::parse(text).map(|_| text.to_owned()))
}

fn listener_schema() -> Json {
    let (partition, region, account) = (environment::PARTITION, environment::REGION, environment::ACCOUNT);
    let resource =
        "(?:listener/app/[A-Za-z0-9-]+(?:/[0-9A-Fa-f]+){2}|listener-rule/app/[A-Za-z0-9-]+(?:/[0-9A-Fa-f]+){3})";
    let arn = format!("^arn:{partition}:elasticloadbalancing:{region}:{account}:{resource}$");
    schema::text(WANT_LISTENER, &arn)
}

/// Account and region in the ARN of a listener or of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listener<'a> {
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
}

impl<'a> Listener<'a> {
    /// `arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/ID`, for a rule `listener-rule` and one
    /// more id.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let ["arn", partition, "elasticloadbalancing", region, account, resource] =
            *text.split(':').collect::<Vec<_>>()
        else {
            return None;
        };
        let parts: Vec<&str> = resource.split('/').collect();
        let ids = match parts.as_slice() {
            ["listener", "app", name, ids @ ..] if ids.len() == 2 && is_name(name) => ids,
            ["listener-rule", "app", name, ids @ ..] if ids.len() == 3 && is_name(name) => ids,
            _ => return None,
        };
        let hex = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_hexdigit());
        let fits = environment::is_partition(partition)
            && environment::is_region(region)
            && environment::is_account(account)
            && ids.iter().all(hex);
        fits.then_some(Self { region, account })
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn zone(node: &Node, f: &mut Findings) -> Option<String> {
    node.text(f, WANT_ZONE, |text| is_zone(text).then(|| text.to_owned()))
}

fn is_zone(text: &str) -> bool {
    text.starts_with('Z')
        && (2..=ZONE_CHARACTERS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn instruction_schema() -> Json {
    let pattern = format!("^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f]{{1,{INSTRUCTION_CHARACTERS_MAX}}}$");
    schema::text(WANT_INSTRUCTION, &pattern)
}

fn instruction(node: &Node, f: &mut Findings) -> Option<String> {
    node.text(f, WANT_INSTRUCTION, |text| {
        let line = !text.trim().is_empty() && !text.chars().any(char::is_control);
        (line && text.chars().count() <= INSTRUCTION_CHARACTERS_MAX).then(|| text.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    const LISTENER: &str =
        "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/ai/50dc6c495c0c9188/f2f7dc8efc522ab2";

    fn read(text: &str) -> Result<Traffic, Vec<(String, String)>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let traffic = Traffic::read(&node, &mut f);
        let problems: Vec<_> = f.problems.into_iter().map(|p| (p.path, p.found)).collect();
        traffic.filter(|_| problems.is_empty()).ok_or(problems)
    }

    #[test]
    fn every_kind_is_read_with_its_own_keys() {
        assert_eq!(read(&format!("{{ listener: \"{LISTENER}\" }}")), Ok(Traffic::Listener { arn: LISTENER.into() }));
        let record =
            "{ route53: ai.example.com, zone: Z0123456789ABC, old: old.elb.example.com, new: new.elb.example.com }";
        let (old, new) = ("old.elb.example.com".to_owned(), "new.elb.example.com".to_owned());
        let zone = "Z0123456789ABC".to_owned();
        assert_eq!(read(record), Ok(Traffic::Route53 { record: "ai.example.com".into(), zone, old, new }));
        let manual =
            "{ manual: \"Entra App Proxy, backend URL\", old: http://ai.ggai:8080, new: http://ai-scaled.ggai:8080 }";
        let (old, new) = ("http://ai.ggai:8080".to_owned(), "http://ai-scaled.ggai:8080".to_owned());
        assert_eq!(read(manual), Ok(Traffic::Manual { instruction: "Entra App Proxy, backend URL".into(), old, new }));
    }

    #[test]
    fn exactly_one_kind_moves_the_traffic() {
        for (text, path, found) in [
            ("{}", "", "none"),
            ("{ old: http://a, new: http://b }", "", "none"),
            ("{ listener: a, manual: b }", "", "`listener`, `manual`"),
            ("{ manual: x, old: http://a, new: http://b, zone: Z1 }", "zone", "`zone` beside `manual`"),
            ("{ manual: x, old: http://a }", "", "no `new`"),
            ("{ manual: x, old: http://a, new: b }", "new", "`b`"),
            ("{ manual: x, old: http://a, new: http://a }", "", "`old` and `new` are both `http://a`"),
            ("{ manual: \" \", old: http://a, new: http://b }", "manual", "` `"),
            ("{ route53: a.b, zone: z1, old: a, new: b }", "zone", "`z1`"),
            ("{ route53: \"http://a\", zone: Z1, old: a, new: b }", "route53", "`http://a`"),
            ("{ listener: my-listener }", "listener", "`my-listener`"),
            ("{ weights: [1, 2], manual: x, old: http://a, new: http://b }", "weights", "unknown key `weights`"),
        ] {
            assert_eq!(read(text), Err(vec![(path.to_owned(), found.to_owned())]), "{text}");
        }
    }

    #[test]
    fn listeners_and_their_rules_say_their_account_and_region() {
        let rule = LISTENER.replace("listener/", "listener-rule/") + "/9683b2d02a6cabee";
        for arn in [LISTENER, rule.as_str(), &LISTENER.replace("arn:aws:", "arn:aws-us-gov:")] {
            assert_eq!(Listener::parse(arn), Some(Listener { region: "us-east-1", account: "123456789012" }), "{arn}");
        }
        for bad in [
            LISTENER.replace("/app/", "/net/"),
            LISTENER.replace("listener/", "listener-rule/"),
            LISTENER.replace("listener/", "loadbalancer/"),
            LISTENER.replace("123456789012", "1234"),
            LISTENER.replace("us-east-1", ""),
            LISTENER.replace("/f2f7dc8efc522ab2", ""),
            LISTENER.replace("f2f7", "xyz!"),
        ] {
            assert_eq!(Listener::parse(&bad), None, "{bad}");
        }
    }
}
