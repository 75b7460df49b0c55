//! `costs`: named bills, of services of the fleet and of what stands beside them, for `headroom cost`.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::compiled::Service;
use super::node::{At, Entry, Node, Want};
use super::problem::{Findings, NoteKind};
use super::refer::Names;
use super::schema::{self, Key};
use super::{count, name, words};

const EXAMPLE: &str = "after: { web: 2, alb: 1, redis: cache.t3.micro, alarms: 4 }";
const TODAY: &str = "no cost is computed";
/// More of one thing in one bill is a misplaced number.
const COUNT_MAX: u32 = 10_000;

/// What is paid for together, for example before and after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bill {
    /// Name in the fleet file, for example `before`.
    pub name: String,
    /// Line in the fleet file, 1-based.
    pub line: u32,
    /// Its items, in the order of the file.
    pub items: Vec<BillItem>,
}

/// One item of a bill. A month has 730 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BillItem {
    /// Tasks of a service, all month; their size is the service's `task`.
    Service {
        /// Name in the fleet file.
        service: String,
        /// Tasks.
        tasks: u32,
    },
    /// Application Load Balancers, without what they process.
    Alb {
        /// How many.
        count: u32,
    },
    /// One ElastiCache node.
    Redis {
        /// Its type.
        node: CacheNode,
    },
    /// CloudWatch dashboards.
    Dashboards {
        /// How many.
        count: u32,
    },
    /// Secrets in Secrets Manager.
    Secrets {
        /// How many.
        count: u32,
    },
    /// CloudWatch alarms of standard resolution.
    Alarms {
        /// How many.
        count: u32,
    },
}

/// ElastiCache node types that can be priced: the burstable ones, as sessions and web sockets use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CacheNode {
    /// 2 vCPU, 0.5 GiB.
    #[serde(rename = "cache.t3.micro")]
    T3Micro,
    /// 2 vCPU, 1.37 GiB.
    #[serde(rename = "cache.t3.small")]
    T3Small,
    /// 2 vCPU, 3.09 GiB.
    #[serde(rename = "cache.t3.medium")]
    T3Medium,
    /// 2 vCPU of Graviton, 0.5 GiB.
    #[serde(rename = "cache.t4g.micro")]
    T4gMicro,
    /// 2 vCPU of Graviton, 1.37 GiB.
    #[serde(rename = "cache.t4g.small")]
    T4gSmall,
    /// 2 vCPU of Graviton, 3.09 GiB.
    #[serde(rename = "cache.t4g.medium")]
    T4gMedium,
}

const CACHE_NODES: [(&str, CacheNode); 6] = [
    ("cache.t3.micro", CacheNode::T3Micro),
    ("cache.t3.small", CacheNode::T3Small),
    ("cache.t3.medium", CacheNode::T3Medium),
    ("cache.t4g.micro", CacheNode::T4gMicro),
    ("cache.t4g.small", CacheNode::T4gSmall),
    ("cache.t4g.medium", CacheNode::T4gMedium),
];

/// What a bill calls a thing that is no service, and how it is read.
type Priced = (Key, fn(&Node, &mut Findings) -> Option<BillItem>);

const PRICED: [Priced; 5] = [
    (Key("alb", "Application Load Balancers, without what they process.", some_schema), |n, f| {
        some(n, f).map(|count| BillItem::Alb { count })
    }),
    (Key("redis", "Type of one ElastiCache node.", || schema::words(&CACHE_NODES.map(|(word, _)| word))), |n, f| {
        words::word(n, f, &CACHE_NODES, "redis: cache.t3.micro").map(|node| BillItem::Redis { node })
    }),
    (Key("dashboards", "CloudWatch dashboards.", some_schema), |n, f| {
        some(n, f).map(|count| BillItem::Dashboards { count })
    }),
    (Key("secrets", "Secrets in Secrets Manager.", some_schema), |n, f| {
        some(n, f).map(|count| BillItem::Secrets { count })
    }),
    (Key("alarms", "CloudWatch alarms of standard resolution.", some_schema), |n, f| {
        some(n, f).map(|count| BillItem::Alarms { count })
    }),
];

/// What [`read`] takes: things that are priced by these names, and tasks of services by theirs.
pub(crate) fn schema() -> Json {
    let bill = schema::shown(schema::mapping(&PRICED.map(|(key, _)| key), &[]), EXAMPLE);
    let bill = schema::put(bill, "additionalProperties", count::tasks_schema());
    schema::by_name(&schema::put(bill, "minProperties", 1.into()))
}

fn some_schema() -> Json {
    count::schema(1, COUNT_MAX, "1")
}

/// Reads the section.
pub(crate) fn read(node: &Node, services: Names<'_>, f: &mut Findings) -> Option<Vec<At<Bill>>> {
    f.note(NoteKind::NotYet, &node.place, TODAY);
    let entries = node.entries(f, Want { expected: "a mapping of bills by name", example: EXAMPLE })?;
    Some(entries.iter().filter_map(|entry| bill(entry, services, f)).collect())
}

fn bill(entry: &Entry, services: Names<'_>, f: &mut Findings) -> Option<At<Bill>> {
    name::check_key(entry, f);
    let known: Vec<&str> = services.known.iter().copied().chain(PRICED.map(|(Key(name, ..), _)| name)).collect();
    entry.node.fields(f, &known, EXAMPLE)?;
    let items = entry.node.entries(f, Want { expected: "a mapping of items", example: EXAMPLE })?;
    if items.is_empty() {
        f.problem(&entry.node.place, "a bill of nothing", "at least one service, or another item", EXAMPLE);
    }
    let items = items.iter().filter_map(|item| read_item(item, services, f)).collect();
    let (name, line) = (entry.key.clone(), entry.at.line);
    Some(At { value: Bill { name, line, items }, place: entry.at.clone() })
}

fn read_item(entry: &Entry, services: Names<'_>, f: &mut Findings) -> Option<BillItem> {
    let priced = PRICED.into_iter().find(|(Key(name, ..), _)| *name == entry.key);
    match (services.known.contains(&entry.key.as_str()), priced) {
        (true, Some(_)) => {
            let found = format!("`{}`, a service of this fleet and also an item of bills", entry.key);
            f.problem(&entry.at, found, "a service with another name: this one's bill could mean either", EXAMPLE);
            None
        }
        (true, None) => {
            let tasks = count::tasks(&entry.node, f)?;
            Some(BillItem::Service { service: entry.key.clone(), tasks })
        }
        (false, Some((_, read))) => read(&entry.node, f),
        (false, None) => None,
    }
}

fn some(node: &Node, f: &mut Findings) -> Option<u32> {
    count::read(node, f, 1, COUNT_MAX, "1")
}

/// Every service in a bill has a size that can be priced.
pub(crate) fn check(bills: &[At<Bill>], services: &[Service], f: &mut Findings) {
    for At { value: bill, place } in bills {
        for item in &bill.items {
            let BillItem::Service { service: name, .. } = item else { continue };
            if let Some(service) = services.iter().find(|s| s.name == *name && s.task.is_none()) {
                let found = format!("`{name}` in a bill, and no `task` for {}", service.label());
                let expected = "the size of its tasks, at the service or in `defaults`";
                f.problem(place, found, expected, "task: { vcpu: 2, memory_gib: 4, architecture: x86_64 }");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{file, yaml};

    fn read(text: &str, services: &[&str]) -> Result<Vec<Bill>, Vec<(String, String)>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let bills = super::read(&node, Names { what: "service", known: services }, &mut f).unwrap_or_default();
        let problems: Vec<_> = f.problems.into_iter().map(|p| (p.path, p.found)).collect();
        if problems.is_empty() { Ok(bills.into_iter().map(|at| at.value).collect()) } else { Err(problems) }
    }

    #[test]
    fn a_bill_has_services_and_what_stands_beside_them() {
        let text = "{ after: { web: 2, alb: 1, redis: cache.t3.micro, dashboards: 1, secrets: 2, alarms: 4 } }";
        let items = vec![
            BillItem::Service { service: "web".into(), tasks: 2 },
            BillItem::Alb { count: 1 },
            BillItem::Redis { node: CacheNode::T3Micro },
            BillItem::Dashboards { count: 1 },
            BillItem::Secrets { count: 2 },
            BillItem::Alarms { count: 4 },
        ];
        assert_eq!(read(text, &["web"]), Ok(vec![Bill { name: "after".into(), line: 1, items }]));
    }

    #[test]
    fn node_types_are_written_as_they_are_read() {
        for (word, node) in CACHE_NODES {
            assert_eq!(serde_json::to_value(node).ok(), Some(word.into()));
        }
    }

    #[test]
    fn what_cannot_be_priced_is_refused() {
        for (text, path, found) in [
            ("{ a: {} }", "a", "a bill of nothing"),
            ("{ a: 3 }", "a", "the number `3`"),
            ("{ a: { wep: 1 } }", "a.wep", "unknown key `wep`, did you mean `web`?"),
            ("{ a: { nat_gateways: 1 } }", "a.nat_gateways", "unknown key `nat_gateways`"),
            ("{ a: { web: 50 USD } }", "a.web", "`50 USD`"),
            ("{ a: { web: -1 } }", "a.web", "the number `-1`"),
            ("{ a: { alb: 0 } }", "a.alb", "the number `0`"),
            ("{ a: { alarms: 1.5 } }", "a.alarms", "the number `1.5`"),
            ("{ a: { secrets: \"2\" } }", "a.secrets", "`2`"),
            ("{ a: { redis: 1 } }", "a.redis", "the number `1`"),
            ("{ a: { redis: cache.m9.huge } }", "a.redis", "`cache.m9.huge`"),
            ("{ a: { alb: 1 } }", "a.alb", "`alb`, a service of this fleet and also an item of bills"),
        ] {
            let services: &[&str] = if found.starts_with("`alb`") { &["web", "alb"] } else { &["web"] };
            assert_eq!(read(text, services), Err(vec![(path.to_owned(), found.to_owned())]), "{text}");
        }
    }

    #[test]
    fn a_service_in_a_bill_has_a_size() {
        let fleet = |task: &str| {
            let text = format!(
                "version: 1\nfleet: shop\nenvironments: [{{ name: prod, account: \"222222222222\", region: eu-west-1 }}]\n\
                 defaults: {{ cluster: c, capacity: {{ min: 1, max: 3 }} }}\nservices: {{ web: {{{task}}} }}\n\
                 costs: {{ now: {{ web: 2 }} }}\n"
            );
            file::parse(&text, "f").map(|_| ()).map_err(|all| all.into_iter().map(|p| p.found).collect::<Vec<_>>())
        };
        assert_eq!(fleet("task: { vcpu: 1, memory_gib: 2 }"), Ok(()));
        assert_eq!(fleet(""), Err(vec!["`web` in a bill, and no `task` for prod/web".to_owned()]));
    }
}
