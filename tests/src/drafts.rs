//! `headroom init` without AWS: what was found in, a fleet file out that reads and says the same.

use headroom_core::fleet::draft::{
    Comparison, Controller, Draft, Found, FoundAlarm, FoundMetric, FoundPolicy, FoundService, Options, Policy, Refused,
    TargetGroup, Watched, draft,
};
use headroom_core::fleet::{self, Action, Fleet, Mode, NoteKind, Parsed, Source, When};
use headroom_core::seen::{Suspended, TargetSeen};
use proptest::prelude::*;

use crate::golden;

const WIDTH: usize = 120;

fn cluster(name: &str, services: Vec<FoundService>, alarms: Vec<FoundAlarm>) -> Found {
    Found {
        cluster: name.to_owned(),
        account: "022222222222".to_owned(),
        region: "eu-west-1".to_owned(),
        services,
        alarms,
    }
}

fn service(name: &str, bounds: Option<(u32, u32)>, desired: u32) -> FoundService {
    FoundService {
        name: name.to_owned(),
        status: "ACTIVE".to_owned(),
        daemon: false,
        controller: Controller::Ecs,
        desired,
        target_groups: Vec::new(),
        target: bounds.map(|(min, max)| TargetSeen { min, max, suspended: Suspended::default(), by_desired: false }),
        policies: Vec::new(),
    }
}

fn group(name: &str) -> TargetGroup {
    TargetGroup { name: name.to_owned(), dimension: format!("targetgroup/{name}/0123456789abcdef") }
}

fn tracks(name: &str, metric: &str, target: f64) -> FoundPolicy {
    let does =
        Policy::Tracks { metric: metric.to_owned(), target, scale_out: Some(60), scale_in: Some(300), scales_in: true };
    FoundPolicy { name: name.to_owned(), does }
}

fn cpu(target: f64) -> FoundPolicy {
    tracks("cpu", "ECSServiceAverageCPUUtilization", target)
}

fn requests(target: f64) -> FoundPolicy {
    tracks("requests", "ALBRequestCountPerTarget", target)
}

fn steps(name: &str) -> FoundPolicy {
    FoundPolicy { name: name.to_owned(), does: Policy::Steps }
}

fn alarm(name: &str, metric: &str, threshold: f64, dimensions: &[(&str, &str)]) -> FoundAlarm {
    let dimensions = dimensions.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let metric = FoundMetric { namespace: "AWS/ECS".to_owned(), name: metric.to_owned(), dimensions };
    let (comparison, datapoints) = (Comparison::Above, (2, 2, 300));
    FoundAlarm {
        name: name.to_owned(),
        watches: Watched::Metric { metric, comparison, threshold: Some(threshold), datapoints },
        scales: false,
    }
}

fn of_service(name: &str, metric: &str, threshold: f64, cluster: &str, service: &str) -> FoundAlarm {
    alarm(name, metric, threshold, &[("ClusterName", cluster), ("ServiceName", service)])
}

/// One environment of the Langfuse fleet, with an alarm that everybody has and one that one service has.
fn langfuse() -> Found {
    let one = |name: &str, max, desired| FoundService {
        target_groups: vec![group(name)],
        policies: vec![requests(1_000.0), cpu(70.0)],
        ..service(name, Some((2, max)), desired)
    };
    let names = ["prod-eu-web", "prod-eu-web-ingestion", "prod-eu-web-iso"];
    let mut alarms: Vec<FoundAlarm> = names
        .iter()
        .map(|s| of_service(&format!("{s}-cpu-high"), "CPUUtilization", 85.0, "prod-eu-cluster", s))
        .collect();
    let slow = [("TargetGroup", "targetgroup/prod-eu-web/0123456789abcdef"), ("LoadBalancer", "app/x/1")];
    alarms.push(alarm("prod-eu-web-slow", "TargetResponseTime", 2.0, &slow));
    alarms.push(of_service("TargetTracking-x-AlarmLow-1", "CPUUtilization", 63.0, "prod-eu-cluster", names[0]));
    cluster("prod-eu-cluster", vec![one(names[2], 10, 2), one(names[0], 10, 2), one(names[1], 15, 4)], alarms)
}

fn openwebui() -> Found {
    let scaled = FoundService {
        target_groups: vec![group("webui3-scaled")],
        policies: vec![cpu(70.0)],
        ..service("webui3-scaled", Some((2, 10)), 3)
    };
    let of = |name: &str, metric, threshold| of_service(name, metric, threshold, "webUIcluster2", "webui3-scaled");
    let redis = alarm("redis-cpu", "CPUUtilization", 75.0, &[("CacheClusterId", "openwebui-redis-001")]);
    let slow = [("TargetGroup", "targetgroup/webui3-scaled/0123456789abcdef")];
    let alarms = vec![
        of("webui3-cpu", "CPUUtilization", 85.0),
        of("webui3-memory", "MemoryUtilization", 90.0),
        alarm("webui3-slow", "TargetResponseTime", 2.0, &slow),
        redis,
    ];
    cluster("webUIcluster2", vec![scaled, service("webui3", None, 1)], alarms)
}

fn openwan() -> Found {
    let api = ["cpu-out", "cpu-in", "memory-out", "memory-in", "requests-out", "requests-in"];
    let scaled = |name: &str, policies: Vec<FoundPolicy>| FoundService { policies, ..service(name, Some((2, 10)), 2) };
    let services = vec![
        scaled("worker", vec![steps("queue-out"), steps("queue-in")]),
        scaled("api", api.into_iter().map(steps).collect()),
    ];
    cluster("openwan", services, Vec::new())
}

/// Everything that a fleet file cannot say as it stands.
fn oddities() -> Found {
    let suspended = Suspended { scale_in: true, scale_out: false, scheduled: true };
    let target = Some(TargetSeen { min: 1, max: 4, suspended, by_desired: false });
    let long = format!("{}-end", "long".repeat(40));
    let dots = |name: &str, does| FoundPolicy { name: name.to_owned(), does };
    let backlog = Policy::TracksCustom { metric: "Backlog # of: jobs".to_owned(), target: 50.0 };
    let code_deploy = FoundService {
        controller: Controller::CodeDeploy,
        target_groups: vec![group("blue"), group("green")],
        ..service("shop-dev-1e3", Some((0, 3)), 0)
    };
    let services = vec![
        service("shop-dev-on", Some((1, 4)), 1),
        service("shop-dev-007", Some((1, 4)), 1),
        service("shop-dev-null", Some((0, 0)), 0),
        FoundService { target, ..service("shop-dev-held", None, 2) },
        code_deploy,
        FoundService { controller: Controller::External, ..service("shop-dev-sets", None, 2) },
        FoundService {
            policies: vec![cpu(40.0), dots("queue", backlog), dots("daily", Policy::Predicts)],
            ..service("007", Some((1, 4)), 1)
        },
        service(&long, Some((1, 4)), 1),
        service("_hidden", Some((1, 4)), 1),
        FoundService { daemon: true, ..service("datadog-agent", None, 7) },
        FoundService { status: "DRAINING".to_owned(), ..service("going", None, 0) },
        service("huge", Some((1, 9_000)), 1),
    ];
    let composite = |name: &str, rule: &str| FoundAlarm {
        name: name.to_owned(),
        watches: Watched::Composite { rule: rule.to_owned() },
        scales: false,
    };
    let alarms = vec![
        of_service("007 is \"busy\"", "CPUUtilization", 80.0, "shop-dev", "007"),
        of_service("{curly}", "CPUUtilization", 80.0, "shop-dev", "007"),
        of_service("shop-dev-sets cpu", "CPUUtilization", 80.0, "shop-dev", "shop-dev-sets"),
        of_service(&format!("{long}-cpu"), "CPUUtilization", 80.0, "shop-dev", &long),
        composite("007-broken", "ALARM(\"007 is \\\"busy\\\"\") OR ALARM({curly})"),
        composite("both", "ALARM({curly}) OR ALARM(\"shop-dev-sets cpu\")"),
    ];
    cluster("shop-dev", services, alarms)
}

/// Hundreds of services, nearly all alike.
fn hundreds() -> Found {
    let names: Vec<String> = (0..300).map(|n| format!("live-team{}-service{n}", n % 7)).collect();
    let one = |(n, name): (usize, &String)| FoundService {
        target_groups: vec![group(&format!("tg-{n}"))],
        policies: vec![cpu(if n % 50 == 0 { 60.0 } else { 70.0 })],
        ..service(name, Some((2, if n % 40 == 0 { 20 } else { 10 })), 2)
    };
    let mut services: Vec<FoundService> = names.iter().enumerate().map(one).collect();
    services.push(service("live-cron", None, 1));
    let watched = names.iter().enumerate().filter(|(n, _)| n % 30 != 0);
    let alarms = watched.map(|(_, s)| of_service(&format!("{s}/cpu"), "CPUUtilization", 85.0, "live", s)).collect();
    cluster("live", services, alarms)
}

fn parsed(draft: &Draft) -> Parsed {
    let parsed = fleet::read(Source { name: "headroom.yaml", text: &draft.text }, None);
    parsed.unwrap_or_else(|problems| panic!("{problems:#?}\n{}", draft.text))
}

fn read(draft: &Draft) -> Fleet {
    parsed(draft).fleet
}

/// What holds for every draft: it reads, observes, fits the screen, and says what was found.
fn assert_round_trip(found: &Found, draft: &Draft) -> Result<(), TestCaseError> {
    let Parsed { fleet, notes } = parsed(draft);
    for note in notes {
        let ours = note.text.contains("no service has the remedy") || note.text.contains("is named for");
        prop_assert!(!ours && note.kind != NoteKind::LeftOut, "{}", note.text);
    }
    prop_assert_eq!(fleet.environments.len(), 1);
    let environment = &fleet.environments[0];
    prop_assert_eq!((&environment.account, &environment.region), (&found.account, &found.region));
    prop_assert_eq!(fleet.services.len() + draft.left_out.len(), found.services.len());
    for service in &fleet.services {
        let was = found.services.iter().find(|s| s.name == service.service);
        prop_assert!(was.is_some(), "{} was not found", service.service);
        let Some(was) = was else { continue };
        prop_assert_eq!(service.mode, Mode::Observe);
        prop_assert_eq!(&service.cluster, &found.cluster);
        prop_assert_eq!(service.target_group.as_ref(), was.target_groups.first().map(|g| &g.name));
        let bounds = was.target.map_or((was.desired, was.desired), |t| (t.min, t.max));
        prop_assert_eq!((service.capacity.min, service.capacity.max), bounds);
        prop_assert_eq!(service.capacity.ceiling, service.capacity.max);
        let named =
            ["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"];
        let targets = [service.scaling.cpu, service.scaling.memory, service.scaling.requests_per_target];
        for (metric, target) in named.into_iter().zip(targets) {
            let range = if metric == named[2] { 0.001..=1e6 } else { 50.0..=90.0 };
            // Nothing tracks what has no scalable target, and what may run nothing has none for the file.
            let tracked = was.target.is_some_and(|t| t.max > 0);
            let lowest = was.policies.iter().filter_map(|p| match &p.does {
                Policy::Tracks { metric: m, target, .. } if m == metric && range.contains(target) => Some(*target),
                Policy::Tracks { .. } | Policy::TracksCustom { .. } | Policy::Steps => None,
                Policy::Predicts | Policy::Other { .. } => None,
            });
            prop_assert_eq!(target, lowest.reduce(f64::min).filter(|_| tracked), "{} of {}", metric, service.service);
        }
        for remedy in &service.remedies {
            let When::Alarm { alarm } = &remedy.when else { panic!("{:?}", remedy.when) };
            let alarm = alarm.of(service);
            let watched = found.alarms.iter().find(|a| a.name == alarm);
            prop_assert!(watched.is_some_and(|a| !a.scales), "{}: {}", service.service, alarm);
            prop_assert!(remedy.action != Action::ScaleOut || was.target.is_some_and(|t| t.max > t.min));
        }
    }
    let longest = found.services.iter().map(|s| s.name.len()).chain(found.alarms.iter().map(|a| a.name.len()));
    let longest = longest.chain([found.cluster.len()]).max().unwrap_or(0);
    for line in draft.text.lines() {
        let columns = line.chars().count();
        prop_assert!(columns <= WIDTH || longest > 64 && columns <= longest * 2 + 40, "{} columns: {}", columns, line);
        prop_assert!(!line.ends_with(' ') && !line.contains('\t'), "{}", line);
    }
    Ok(())
}

fn drafted(found: &Found) -> Draft {
    let draft = draft(found, Options::default()).expect("a draft");
    assert_round_trip(found, &draft).expect("round trip");
    draft
}

#[test]
fn drafts_are_as_the_golden_files_have_them() {
    for (name, found) in
        [("langfuse", langfuse()), ("openwebui", openwebui()), ("openwan", openwan()), ("oddities", oddities())]
    {
        golden::compare(&format!("fixtures/fleets/draft/{name}.yaml"), &drafted(&found).text);
    }
}

#[test]
fn hundreds_of_services_have_a_line_each() {
    let draft = drafted(&hundreds());
    golden::compare("fixtures/fleets/draft/hundreds.yaml", &draft.text);
    let fleet = read(&draft);
    assert_eq!(fleet.services.len(), 301);
    let section: Vec<&str> =
        draft.text.lines().skip_while(|l| *l != "services:").skip(1).take_while(|l| !l.is_empty()).collect();
    let (told, listed): (Vec<&str>, Vec<&str>) = section.iter().partition(|line| line.trim_start().starts_with('#'));
    assert_eq!((told.len(), listed.len()), (1, 301));
}

#[test]
fn the_order_in_which_aws_answers_changes_nothing() {
    let found = oddities();
    let mut turned = found.clone();
    turned.services.reverse();
    turned.alarms.reverse();
    for service in &mut turned.services {
        service.policies.reverse();
    }
    assert_eq!(draft(&found, Options::default()), draft(&turned, Options::default()));
}

#[test]
fn a_given_name_is_taken_and_one_that_is_none_is_refused() {
    let options = Options { environment: Some("prod"), fleet: Some("shop") };
    let draft = draft(&langfuse(), options).expect("a draft");
    let fleet = read(&draft);
    assert_eq!((fleet.fleet.as_str(), fleet.environments[0].name.as_str()), ("shop", "prod"));
    assert!(draft.text.contains("cluster: \"{environment}-eu-cluster\""), "{}", draft.text);
    assert!(draft.text.contains("service: \"{environment}-{name}\""), "{}", draft.text);
    assert_eq!(fleet.services[0].name, "eu-web");
    for (environment, fleet) in [(Some("on"), None), (None, Some("a b")), (Some(""), None)] {
        let refused = headroom_core::fleet::draft::draft(&langfuse(), Options { environment, fleet });
        assert!(matches!(refused, Err(Refused::Name { .. })), "{refused:?}");
    }
}

#[test]
fn a_cluster_with_nothing_for_a_fleet_file_is_refused_with_the_reasons() {
    let refused = |services| draft(&cluster("c", services, Vec::new()), Options::default()).expect_err("no draft");
    assert_eq!(refused(Vec::new()).to_string(), "no service of cluster c that a fleet file can have");
    let agent = FoundService { daemon: true, ..service("agent", None, 3) };
    assert!(refused(vec![agent]).to_string().contains(": agent (DAEMON"));
    for (account, region) in [("1", "eu-west-1"), ("022222222222", "local")] {
        let (account, region) = (account.to_owned(), region.to_owned());
        let found = Found { account, region, ..langfuse() };
        assert!(matches!(draft(&found, Options::default()), Err(Refused::Form { .. })));
    }
}

#[test]
fn the_example_of_a_remedy_reads_once_it_is_uncommented() {
    let draft = drafted(&openwan());
    let (before, example) = draft.text.split_once("# remedies:\n").expect("an example");
    let example: String =
        example.lines().filter_map(|line| line.strip_prefix("# ")).map(|l| format!("{l}\n")).collect();
    let text = format!("{before}remedies:\n{example}");
    let fleet = fleet::parse(&text, "f").unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
    assert_eq!(fleet.services[0].remedies.len(), 1);
}

fn any_name() -> impl Strategy<Value = String> {
    let odd =
        ["on", "No", "null", "1e3", "007", "0x1F", "1_000", "2026-11-22", "_", "-a", "true", "service-on", "prod"];
    prop_oneof![
        3 => "(prod|staging|acme)[-_](web|api|worker|on|1e3)([-_][a-z0-9]{1,4}){0,2}",
        2 => "[A-Za-z0-9_-]{1,20}",
        1 => proptest::sample::select(odd.to_vec()).prop_map(str::to_owned),
        1 => "[A-Za-z0-9_-]{60,255}",
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![3 => any_name(), 1 => "[ -~]{1,40}", 1 => "\\PC{1,20}", 1 => "[\\s\"'#:{}\\\\é]{1,12}"]
}

fn any_policy() -> impl Strategy<Value = FoundPolicy> {
    let metrics = [
        "ECSServiceAverageCPUUtilization",
        "ECSServiceAverageMemoryUtilization",
        "ALBRequestCountPerTarget",
        "SomethingNew",
    ];
    let target = prop_oneof![
        4 => (50_u32..=90).prop_map(f64::from),
        2 => (1_u32..5_000).prop_map(|n| f64::from(n) / 2.0),
        1 => proptest::sample::select(&[0.0, -1.0, 1e7, f64::NAN, f64::INFINITY][..]),
    ];
    let cooldown = || proptest::option::of(0_u32..4_000);
    let tracks = (proptest::sample::select(metrics.to_vec()), target.clone(), cooldown(), cooldown(), any::<bool>())
        .prop_map(|(metric, target, scale_out, scale_in, scales_in)| Policy::Tracks {
            metric: metric.to_owned(),
            target,
            scale_out,
            scale_in,
            scales_in,
        });
    let does = prop_oneof![
        5 => tracks,
        1 => (any_text(), target).prop_map(|(metric, target)| Policy::TracksCustom { metric, target }),
        1 => Just(Policy::Steps),
        1 => Just(Policy::Predicts),
        1 => any_text().prop_map(|kind| Policy::Other { kind }),
    ];
    (any_text(), does).prop_map(|(name, does)| FoundPolicy { name, does })
}

fn any_service() -> impl Strategy<Value = FoundService> {
    let bounds = prop_oneof![
        4 => (0_u32..4, 0_u32..12).prop_map(|(min, more)| (min, min + more)),
        1 => (0_u32..10_000, 0_u32..10_000),
    ];
    let suspended = (any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(scale_in, scale_out, scheduled)| Suspended { scale_in, scale_out, scheduled });
    let target =
        (bounds, suspended).prop_map(|((min, max), suspended)| TargetSeen { min, max, suspended, by_desired: false });
    let controller = [Controller::Ecs, Controller::CodeDeploy, Controller::External];
    let groups = proptest::collection::vec("[A-Za-z0-9][A-Za-z0-9-]{0,31}", 0..3);
    (
        any_name(),
        proptest::option::weighted(0.8, target),
        prop_oneof![9 => 0_u32..20, 1 => 0_u32..9_000],
        proptest::collection::vec(any_policy(), 0..4),
        groups,
        proptest::sample::select(controller.to_vec()),
        proptest::bool::weighted(0.05),
        proptest::sample::select(&["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "DRAINING"][..]),
    )
        .prop_map(|(name, target, desired, policies, groups, controller, daemon, status)| FoundService {
            name,
            status: status.to_owned(),
            daemon,
            controller,
            desired,
            target_groups: groups.iter().map(|name| group(name)).collect(),
            policies: if target.is_some() { policies } else { Vec::new() },
            target,
        })
}

/// Alarms of the services, named after them or anyhow; by position, so that they fit whatever was drawn.
fn any_alarms() -> impl Strategy<Value = Vec<(usize, usize, String, usize)>> {
    proptest::collection::vec((0_usize..8, 0_usize..12, any_text(), 0_usize..6), 0..12)
}

fn put_alarms(found: &mut Found, drawn: &[(usize, usize, String, usize)]) {
    let metrics =
        ["CPUUtilization", "MemoryUtilization", "RequestCountPerTarget", "TargetResponseTime", "HTTPCode_5XX", "X"];
    for (shape, of, text, metric) in drawn {
        let Some(service) = found.services.get(of % found.services.len()).map(|s| s.name.clone()) else { continue };
        let name = if shape % 2 == 0 { format!("{service}-{}", metrics[*metric]) } else { text.clone() };
        if found.alarms.iter().any(|a| a.name == name) {
            continue;
        }
        let mut alarm = of_service(&name, metrics[*metric], 85.0, &found.cluster, &service);
        if let (3, Some(first)) = (shape, found.alarms.first()) {
            alarm.watches = Watched::Composite { rule: format!("ALARM(\"{}\")", first.name) };
        }
        alarm.scales = *shape == 5;
        found.alarms.push(alarm);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_draft_reads_and_says_what_was_found(
        name in any_name(),
        mut services in proptest::collection::vec(any_service(), 1..12),
        drawn in any_alarms(),
        environment in proptest::option::of(proptest::sample::select(&["prod", "a", "prod-eu"][..])),
    ) {
        services.sort_by(|a, b| a.name.cmp(&b.name));
        services.dedup_by(|a, b| a.name == b.name);
        let mut found = cluster(&name, services, Vec::new());
        put_alarms(&mut found, &drawn);
        match draft(&found, Options { environment, fleet: None }) {
            Ok(draft) => assert_round_trip(&found, &draft)?,
            Err(Refused::NoService { left_out, .. }) => prop_assert_eq!(left_out.len(), found.services.len()),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
