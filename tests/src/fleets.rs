//! Small fleets and events for the suites.

use headroom_core::capacity::{Lease, Overridden};
use headroom_core::fleet::{
    Action, Alerts, Architecture, COMPILED_VERSION, Capacity, Environment, Fleet, Limits, Metric, Mode, Remedy,
    Scaling, Service, Sizing, Task, When,
};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::schedule::Proof;
use headroom_core::seen::LoadQuestion;
use headroom_core::signal::{AlarmEvent, AlarmState};
use headroom_core::time::Seconds;
use jiff::Timestamp;

/// 2026-11-23 02:00:31 UTC, when the alarm of the Langfuse night fires.
pub const FIRES: i64 = 1_795_399_231;

/// One environment in mode act with the service `web` (2..10, ceiling 15) and the remedy `cpu-high`.
#[must_use]
pub fn langfuse_web() -> Fleet {
    let remedy = Remedy {
        name: "cpu-high".into(),
        line: 29,
        when: When::Metric { metric: Metric::Cpu, above: 85.0, lasting: Seconds(120) },
        action: Action::ScaleOut,
        mode: Mode::Act,
        sizing: Some(Sizing::Ratio { target: 70.0 }),
        add_max: 4,
        wake: None,
        gives_back_desired: false,
        native_first: Seconds(300),
        lease: Seconds(1_800),
        release_delay: Seconds(300),
        cooldown: Seconds(300),
        hard_end: Seconds(14_400),
        rollback: None,
    };
    let slow = Remedy {
        name: "slow".into(),
        line: 38,
        when: When::Metric { metric: Metric::ResponseTimeP95, above: 2.0, lasting: Seconds(300) },
        sizing: Some(Sizing::Add { tasks: 1 }),
        ..remedy.clone()
    };
    Fleet {
        version: COMPILED_VERSION,
        fleet: "langfuse".into(),
        source: "examples/langfuse/headroom.yaml".into(),
        environments: vec![Environment {
            name: "prod-eu".into(),
            account: "222222222222".into(),
            region: "eu-west-1".into(),
            mode: Mode::Act,
            timezone: "Europe/Berlin".into(),
            redact: false,
            soak: Seconds(0),
        }],
        services: vec![Service {
            environment: "prod-eu".into(),
            name: "web".into(),
            account: "222222222222".into(),
            region: "eu-west-1".into(),
            cluster: "prod-eu-cluster".into(),
            service: "prod-eu-web".into(),
            target_group: Some("prod-eu-web".into()),
            mode: Mode::Act,
            task: Some(Task { vcpu: 2.0, memory_gib: 4.0, architecture: Architecture::X86_64, usd_hour: None }),
            capacity: Capacity { min: 2, max: 10, ceiling: 15, start: None },
            scaling: Scaling {
                cpu: Some(70.0),
                memory: None,
                requests_per_target: Some(1_000.0),
                cooldown_scale_out: Seconds(60),
                cooldown_scale_in: Seconds(300),
                predictive: None,
            },
            depends_on: Vec::new(),
            remedies: vec![remedy, slow].into(),
        }],
        schedules: Vec::new(),
        freezes: Vec::new(),
        dependencies: Vec::new(),
        alerts: Alerts::default(),
        limits: Limits {
            event_age_max: Seconds(300),
            changes_per_hour_service: 6,
            changes_per_hour_environment: 20,
            rollbacks_per_day_service: 1,
            rollbacks_per_day_environment: 2,
            added_cost_per_day_usd: None,
        },
        channels: vec![],
        routes: vec![],
        switches: vec![],
        costs: vec![],
    }
}

/// The identity of that service.
#[must_use]
pub fn web() -> ServiceId {
    ServiceId {
        account: "222222222222".into(),
        region: "eu-west-1".into(),
        cluster: "prod-eu-cluster".into(),
        service: "prod-eu-web".into(),
    }
}

/// A change of that service's CPU alarm.
#[must_use]
pub fn cpu_alarm(state: AlarmState, at: Timestamp, value: f64) -> AlarmEvent {
    alarm("cpu-high", state, at, value, 85.0)
}

/// A change of an alarm of that service, named as the module names it.
#[must_use]
pub fn alarm(remedy: &str, state: AlarmState, at: Timestamp, value: f64, threshold: f64) -> AlarmEvent {
    let name = format!("prod-eu-web-{remedy}");
    let previous = if state == AlarmState::Alarm { AlarmState::Ok } else { AlarmState::Alarm };
    AlarmEvent {
        arn: format!("arn:aws:cloudwatch:eu-west-1:222222222222:alarm:{name}"),
        doubt: None,
        name,
        account: "222222222222".into(),
        region: "eu-west-1".into(),
        state,
        previous: Some(previous),
        suppressed_by: None,
        previously_suppressed_by: None,
        at,
        message: None,
        again: None,
        reason: Some("Threshold Crossed".into()),
        datapoints: vec![value, value],
        threshold: Some(threshold),
        metric: None,
        members: Vec::new(),
        composite: None,
        contributor: None,
        service_tag: None,
        mute: None,
        task: None,
    }
}

/// Seconds since the epoch as a time.
#[must_use]
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN)
}

/// A live lease with a floor, long before its next look and its end.
#[must_use]
pub fn floor_lease(source: &str, floor: u32) -> Lease {
    let far = at(1_000_000);
    Lease {
        source: source.into(),
        remedy: "cpu-high".into(),
        case: CaseKey("k".into()),
        incident: "i".into(),
        floor: Some(floor),
        raise: None,
        gives_back_desired: false,
        hold: false,
        floor_highest: floor,
        granted: at(0),
        renew_at: far,
        until: far,
        hard_end: far,
        as_of: at(0),
        low_since: None,
        low_datapoint: None,
        patience: 1,
        metric: Metric::Cpu,
        sizing: Sizing::Ratio { target: 70.0 },
        load: LoadQuestion {
            namespace: String::new(),
            name: String::new(),
            stat: String::new(),
            dimensions: Vec::new(),
            tasks_of: None,
            lowest_of: None,
        },
        alarm: "a".into(),
        overridden: Overridden::default(),
        contributor_fires: None,
        put_back: false,
        told_long: false,
        window: None,
        proof: Proof::default(),
        forecast: None,
        targets: None,
        operator: None,
        ended: None,
    }
}
