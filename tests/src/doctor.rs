//! What `headroom doctor` makes of what was read: nothing wrong, everything wrong, nothing read.

use headroom_core::capacity::{Bounds, Kept, ServiceState};
use headroom_core::doctor::{
    Access, Check, Expected, Finding, Patient, ServiceSight, Sight, TaskSight, Verdict, examine, render, target_changes,
};
use headroom_core::fleet::draft::{Comparison, FoundAlarm, FoundMetric, FoundPolicy, Policy, Watched};
use headroom_core::fleet::{Fleet, parse};
use headroom_core::quota::VcpuQuota;
use headroom_core::seen::{Reading, Suspended, TargetSeen};
use headroom_core::signal::AlarmState;
use headroom_core::time::Seconds;
use jiff::Timestamp;

use crate::fleets::floor_lease;
use crate::golden;

const FILE: &str = r#"version: 1
fleet: shop
environments: [{ name: prod, account: "222222222222", region: eu-west-1, mode: act }]
defaults: { cluster: "{environment}-cluster", service: "{environment}-{name}", task: { vcpu: 2, memory_gib: 4 } }
services:
  web: { capacity: { min: 2, max: 10, ceiling: 15 }, scaling: { cpu: 70% }, target_group: "{environment}-{name}" }
  api: { capacity: { min: 2, max: 10, ceiling: 15 }, scaling: { cpu: 70% } }
remedies:
  cpu-high: { when: { metric: cpu, above: 85%, for: 2m }, do: scale-out, size: ratio, lease: 30m }
  stuck: { when: { alarm: "{service}-stuck" }, do: notify-only }
"#;

/// What `terraform show -json` prints of a plan, cut down to what is read.
const PLAN: &str = r#"{ "format_version": "1.2", "resource_changes": [
  { "type": "aws_ecs_service", "address": "aws_ecs_service.web", "change": { "actions": ["update"], "before": {}, "after": {} } },
  { "type": "aws_appautoscaling_target", "address": "module.web.aws_appautoscaling_target.this", "change": {
      "actions": ["update"], "before": { "resource_id": "service/prod-cluster/prod-web", "min_capacity": 6, "max_capacity": 10 },
      "after": { "resource_id": "service/prod-cluster/prod-web", "min_capacity": 2, "max_capacity": 10 } } },
  { "type": "aws_appautoscaling_target", "address": "aws_appautoscaling_target.api", "change": {
      "actions": ["no-op"], "before": { "resource_id": "service/prod-cluster/prod-api" }, "after": {} } } ] }"#;

fn fleet() -> Fleet {
    parse(FILE, "headroom.yaml").unwrap()
}

fn now() -> Timestamp {
    "2026-11-23T09:35:00Z".parse().unwrap()
}

fn expected() -> Expected {
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    Expected {
        rules: names(&["headroom-alarm-state-change", "headroom-task"]),
        alarms: names(&["headroom-scheduled-prewarm-heartbeat", "headroom-dead-letters-waiting"]),
        changing: names(&["application-autoscaling:RegisterScalableTarget", "dynamodb:PutItem"]),
    }
}

fn alarm(name: &str, service: &str) -> FoundAlarm {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let metric = FoundMetric {
        namespace: "AWS/ECS".into(),
        name: "CPUUtilization".into(),
        dimensions: vec![pair("ClusterName", "prod-cluster"), pair("ServiceName", service)],
    };
    let watches =
        Watched::Metric { metric, comparison: Comparison::Above, threshold: Some(85.0), datapoints: (2, 2, 60) };
    FoundAlarm { name: name.into(), watches, scales: false }
}

fn tracks(name: &str, target: f64) -> FoundPolicy {
    let metric = "ECSServiceAverageCPUUtilization".to_owned();
    let does = Policy::Tracks { metric, target, scale_out: None, scale_in: None, scales_in: true };
    FoundPolicy { name: name.into(), does }
}

fn service(groups: &[&str]) -> ServiceSight {
    let target_groups = groups.iter().map(|name| (*name).to_owned()).collect();
    let batches = [("office-hours".to_owned(), vec![62, 95])].into();
    ServiceSight {
        tasks: Reading::Known(TaskSight {
            target_groups,
            grace: Reading::Known(Seconds(120)),
            stop_timeout: Reading::Known(Seconds(60)),
        }),
        target: Reading::Known(TargetSeen { min: 2, max: 10, suspended: Suspended::default(), by_desired: false }),
        policies: Reading::Known(vec![tracks("cpu", 70.0)]),
        state: Reading::Known(ServiceState { batches, ..ServiceState::default() }),
        deregistration: Reading::Known(Seconds(30)),
    }
}

fn well() -> Sight {
    let names = expected();
    let all = ["prod-web", "prod-api"].iter().flat_map(|s| {
        let stuck = FoundAlarm { watches: Watched::Composite { rule: "ALARM(\"x\")".into() }, ..alarm("", s) };
        [alarm(&format!("{s}-cpu-high"), s), FoundAlarm { name: format!("{s}-stuck"), ..stuck }]
    });
    Sight {
        account: Reading::Known("222222222222".into()),
        clock: Reading::Known((now(), now())),
        access: vec![("ecs:DescribeServices".into(), Access::Allowed), ("dynamodb:Query".into(), Access::Allowed)],
        entries: Reading::Known(()),
        put_back: Reading::Known(Vec::new()),
        rules: Reading::Known(names.rules.into_iter().map(|name| (name, true)).collect()),
        own_alarms: Reading::Known(names.alarms.into_iter().map(|name| (name, AlarmState::Ok)).collect()),
        alarms: Reading::Known(all.collect()),
        quota: Reading::Known(VcpuQuota { used: 40.0, limit: 200.0 }),
        services: vec![service(&["prod-web"]), service(&[])],
    }
}

fn ill() -> Sight {
    let kept = Kept {
        min: headroom_core::capacity::Member::at(6),
        ..Kept::at(Bounds { min: 6, max: 10, scale_in_suspended: false })
    };
    let leased = ServiceState {
        kept: Some(Kept { min: headroom_core::capacity::Member { base: 3, ..kept.min.clone() }, ..kept }),
        leases: [("alarm".to_owned(), floor_lease("alarm", 6))].into(),
        batches: [("office-hours".to_owned(), vec![62, 195])].into(),
        ..ServiceState::default()
    };
    let web = ServiceSight {
        state: Reading::Known(leased),
        policies: Reading::Known(vec![
            tracks("cpu", 60.0),
            tracks("cpu-too", 50.0),
            FoundPolicy { name: "steps".into(), does: Policy::Steps },
        ]),
        deregistration: Reading::Known(Seconds(300)),
        ..service(&["prod-web"])
    };
    let api = ServiceSight { target: Reading::Absent, policies: Reading::Known(Vec::new()), ..service(&["prod-api"]) };
    let mut disk = alarm("disk-full", "prod-web");
    if let Watched::Metric { metric, .. } = &mut disk.watches {
        metric.name = "EphemeralStorageUtilized".into();
    }
    let denied = "User: arn:aws:iam::1:user/ana is not authorized to perform events:ListRules".to_owned();
    Sight {
        account: Reading::Known("333333333333".into()),
        clock: Reading::Known((now(), now().checked_add(jiff::SignedDuration::from_secs(400)).unwrap())),
        access: vec![
            ("ecs:DescribeServices".into(), Access::Allowed),
            ("events:ListRules".into(), Access::Denied(denied)),
            ("cloudwatch:DescribeAlarms".into(), Access::Failed("no answer within 10 s".into())),
        ],
        put_back: Reading::Known(vec![("prod/web".into(), "2026-11-22T14:00:00Z".parse().unwrap())]),
        rules: Reading::Known(vec![("headroom-task".into(), false)]),
        own_alarms: Reading::Known(vec![("headroom-scheduled-prewarm-heartbeat".into(), AlarmState::Alarm)]),
        alarms: Reading::Known(vec![alarm("prod-web-cpu-high", "prod-web"), disk]),
        quota: Reading::Known(VcpuQuota { used: 45.0, limit: 50.0 }),
        services: vec![web, api],
        ..well()
    }
}

fn unread() -> Sight {
    fn nothing<T>() -> Reading<T> {
        Reading::Unreadable("no answer within 10 s".into())
    }
    let service = || ServiceSight {
        tasks: nothing(),
        target: nothing(),
        policies: nothing(),
        state: nothing(),
        deregistration: nothing(),
    };
    Sight {
        account: nothing(),
        clock: nothing(),
        access: vec![("ecs:DescribeServices".into(), Access::Failed("no answer within 10 s".into()))],
        entries: nothing(),
        put_back: nothing(),
        rules: nothing(),
        own_alarms: nothing(),
        alarms: nothing(),
        quota: nothing(),
        services: vec![service(), service()],
    }
}

fn found(sight: &Sight, deployed: &Reading<Fleet>, plan: Option<&str>) -> (Fleet, Vec<Finding>) {
    let (fleet, expected) = (fleet(), expected());
    let terraform = match plan {
        Some(plan) => Reading::Known(target_changes(plan).unwrap()),
        None => Reading::Unreadable("none was given".into()),
    };
    let environment = &fleet.environments[0];
    let patient =
        Patient { fleet: &fleet, environment, expected: &expected, sight, deployed, terraform: &terraform, now: now() };
    let findings = examine(&patient);
    (fleet, findings)
}

fn page(name: &str, sight: &Sight, deployed: &Reading<Fleet>, plan: Option<&str>) -> Vec<Finding> {
    let (fleet, findings) = found(sight, deployed, plan);
    golden::compare(&format!("doctor/{name}.txt"), &render(&fleet.environments[0], &findings, now()));
    for check in Check::ALL {
        assert!(findings.iter().any(|f| f.check == check), "{} is silent", check.name());
    }
    findings
}

#[test]
fn what_is_in_order_is_told_check_by_check() {
    let none = r#"{ "format_version": "1.2" }"#;
    let findings = page("well", &well(), &Reading::Known(fleet()), Some(none));
    let of = |f: &&Finding| f.verdict != Verdict::Good && f.check != Check::Permissions;
    assert_eq!(findings.iter().find(of), None);
}

#[test]
fn every_check_finds_what_it_is_for() {
    let mut deployed = fleet();
    deployed.services[0].capacity.max = 9;
    deployed.services.remove(1);
    deployed.limits.changes_per_hour_service += 1;
    let findings = page("ill", &ill(), &Reading::Known(deployed), Some(PLAN));
    for check in Check::ALL.into_iter().filter(|check| *check != Check::Table) {
        let worst = findings.iter().filter(|f| f.check == check).map(|f| f.verdict).max();
        assert!(worst >= Some(Verdict::Warning), "{} finds nothing", check.name());
    }
}

#[test]
fn what_cannot_be_read_is_unknown_with_the_reason_and_never_good() {
    let findings = page("unread", &unread(), &Reading::Unreadable("none was given".into()), None);
    for finding in &findings {
        assert_eq!(finding.verdict, Verdict::Unknown, "{finding:?}");
    }
}

/// What the findings of a check say of a plan, over the lease of `ill`.
fn of_the_plan(actions: &str, after: &str) -> Vec<(Verdict, String)> {
    let plan = format!(
        r#"{{ "format_version": "1.2", "resource_changes": [ {{ "type": "aws_appautoscaling_target", "address": "web",
        "change": {{ "actions": {actions}, "before": {{ "resource_id": "service/prod-cluster/prod-web" }}, "after": {after} }} }} ] }}"#
    );
    let (_, findings) = found(&Sight { put_back: Reading::Known(Vec::new()), ..ill() }, &Reading::Absent, Some(&plan));
    findings.into_iter().filter(|f| f.check == Check::Terraform).map(|f| (f.verdict, f.text)).collect()
}

#[test]
fn bounds_that_a_plan_knows_only_when_it_is_applied_are_unknown_and_no_deletion() {
    for (actions, after, verdict, words) in [
        (r#"["delete"]"#, "null", Verdict::Bad, "the plan deletes "),
        (r#"["update"]"#, r#"{ "max_capacity": 10 }"#, Verdict::Unknown, "known only when it is applied"),
        (r#"["delete", "create"]"#, "{}", Verdict::Unknown, "known only when it is applied"),
        (r#"["update"]"#, r#"{ "min_capacity": 2, "max_capacity": 10 }"#, Verdict::Bad, "writes 2..10"),
    ] {
        let told = of_the_plan(actions, after);
        assert!(matches!(&told[..], [(found, text)] if *found == verdict && text.contains(words)), "{told:?}");
    }
}

#[test]
fn a_grace_period_that_ecs_does_not_name_is_unknown() {
    let mut sight = well();
    if let Reading::Known(tasks) = &mut sight.services[0].tasks {
        tasks.grace = Reading::Absent;
    }
    let (_, findings) = found(&sight, &Reading::Absent, None);
    let told: Vec<_> = findings.iter().filter(|f| f.check == Check::Grace).collect();
    assert!(matches!(&told[..], [f] if f.verdict == Verdict::Unknown && f.text.contains("grace period")), "{told:?}");
}

#[test]
fn what_is_no_plan_is_told() {
    assert!(target_changes("{").unwrap_err().starts_with("no JSON"));
    assert!(target_changes("{}").unwrap_err().starts_with("no plan"));
}
