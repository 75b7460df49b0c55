//! `deploymentConfiguration`, both ways.

use headroom_simulator::deploy::{Breaker, Config, DeploymentAlarms, Lifecycle, Pause, Strategy};

use super::common::invalid;
use crate::failure::Failure;
use crate::value::Map;

/// AWS's default and longest timeoutInMinutes of a hook, and its longest bake time: a day.
const DAY_MINUTES: u32 = 1_440;

/// Least and usual percent of a linear step and of a canary (AWS_FACTS 1.4).
const STEP: (f64, f64) = (3.0, 10.0);
const SHARE: (f64, f64) = (0.1, 5.0);

/// As DescribeServices has it.
pub(super) fn shown(config: &Config) -> Map {
    let breaker = config.breaker;
    let breaker = Map::new().with("enable", breaker.is_some()).with("rollback", breaker.is_some_and(|b| b.rollback));
    let alarms = config.alarms.as_ref().map(|alarms| {
        Map::new().with("alarmNames", alarms.names.clone()).with("enable", true).with("rollback", alarms.rollback)
    });
    let bake = (config.strategy != Strategy::Rolling).then(|| config.strategy.bake() / 60);
    let (strategy, linear, canary) = match config.strategy {
        Strategy::Rolling => ("ROLLING", None, None),
        Strategy::BlueGreen { .. } => ("BLUE_GREEN", None, None),
        Strategy::Linear { step, step_bake, .. } => {
            let steps = Map::new().with("stepPercent", f64::from(step) / 10.0);
            ("LINEAR", Some(steps.with("stepBakeTimeInMinutes", step_bake / 60)), None)
        }
        Strategy::Canary { share, share_bake, .. } => {
            let first = Map::new().with("canaryPercent", f64::from(share) / 10.0);
            ("CANARY", None, Some(first.with("canaryBakeTimeInMinutes", share_bake / 60)))
        }
    };
    let hooks: Vec<Map> = config.pauses.iter().map(hook).collect();
    Map::new()
        .with("deploymentCircuitBreaker", breaker)
        .with("maximumPercent", config.percent_max)
        .with("minimumHealthyPercent", config.healthy_percent_min)
        .with("alarms", alarms)
        .with("strategy", strategy)
        .with("bakeTimeInMinutes", bake)
        .with("linearConfiguration", linear)
        .with("canaryConfiguration", canary)
        .with("lifecycleHooks", (!hooks.is_empty()).then_some(hooks))
}

fn hook(pause: &Pause) -> Map {
    let timeout = Map::new()
        .with("timeoutInMinutes", pause.timeout_minutes)
        .with("action", if pause.rollback { "ROLLBACK" } else { "CONTINUE" });
    Map::new()
        .with("targetType", "PAUSE")
        .with("lifecycleStages", vec![pause.stage.name()])
        .with("timeoutConfiguration", timeout)
}

/// From a request; what is omitted stays as it was before.
pub(super) fn read(map: &Map, before: &Config) -> Result<Config, Failure> {
    let mut config = before.clone();
    if let Some(percent) = map.count("maximumPercent")? {
        config.percent_max = percent;
    }
    if let Some(percent) = map.count("minimumHealthyPercent")? {
        config.healthy_percent_min = percent;
    }
    if config.percent_max <= 100 && config.healthy_percent_min >= 100 {
        return Err(invalid("The maximumPercent must be over 100 when the minimumHealthyPercent is 100."));
    }
    if let Some(breaker) = map.map("deploymentCircuitBreaker")? {
        let rollback = breaker.flag("rollback")?.unwrap_or(false);
        config.breaker = breaker.flag("enable")?.unwrap_or(false).then_some(Breaker { rollback });
    }
    if let Some(alarms) = map.map("alarms")? {
        let (names, rollback) = (alarms.texts("alarmNames")?, alarms.flag("rollback")?.unwrap_or(false));
        let enabled = alarms.flag("enable")?.unwrap_or(false);
        config.alarms = enabled.then_some(DeploymentAlarms { names, rollback });
    }
    config.strategy = strategy(map, before.strategy)?;
    if map.has("lifecycleHooks") {
        config.pauses = map.maps("lifecycleHooks")?.into_iter().map(pauses).collect::<Result<Vec<_>, _>>()?.concat();
    }
    Ok(config)
}

fn strategy(map: &Map, before: Strategy) -> Result<Strategy, Failure> {
    let bake = minutes(map, "bakeTimeInMinutes", before.bake() / 60)?;
    let named = map.text("strategy")?;
    let Some(name) = named.as_deref() else {
        return Ok(match before {
            Strategy::Rolling => Strategy::Rolling,
            Strategy::BlueGreen { .. } => Strategy::BlueGreen { bake },
            Strategy::Linear { step, step_bake, .. } => Strategy::Linear { step, step_bake, bake },
            Strategy::Canary { share, share_bake, .. } => Strategy::Canary { share, share_bake, bake },
        });
    };
    let of = |member: &str| Ok::<_, Failure>(map.map(member)?.cloned().unwrap_or_default());
    match name {
        "ROLLING" => Ok(Strategy::Rolling),
        "BLUE_GREEN" => Ok(Strategy::BlueGreen { bake }),
        "LINEAR" => {
            let steps = of("linearConfiguration")?;
            let step = tenths(&steps, "stepPercent", STEP)?;
            Ok(Strategy::Linear { step, step_bake: minutes(&steps, "stepBakeTimeInMinutes", 6)?, bake })
        }
        "CANARY" => {
            let first = of("canaryConfiguration")?;
            let share = tenths(&first, "canaryPercent", SHARE)?;
            Ok(Strategy::Canary { share, share_bake: minutes(&first, "canaryBakeTimeInMinutes", 10)?, bake })
        }
        other => Err(Failure::sender(
            "UnsupportedFeatureException",
            format!("strategy {other} is not simulated, expected ROLLING, BLUE_GREEN, LINEAR or CANARY"),
        )),
    }
}

/// A bake time in seconds.
fn minutes(map: &Map, member: &str, usual: u32) -> Result<u32, Failure> {
    let minutes = map.count(member)?.unwrap_or(usual);
    if minutes > DAY_MINUTES {
        return Err(invalid(format!("{member} must be between 0 and {DAY_MINUTES}.")));
    }
    Ok(minutes * 60)
}

/// A share of traffic in tenths of a percent, within bounds that are inclusive.
fn tenths(map: &Map, member: &str, (least, usual): (f64, f64)) -> Result<u32, Failure> {
    let percent = map.number(member)?.unwrap_or(usual);
    if !(least..=100.0).contains(&percent) {
        return Err(invalid(format!("{member} must be between {least} and 100.")));
    }
    Ok((percent * 10.0).round() as u32)
}

/// One PAUSE hook a stage; a Lambda hook would call a function that is not here.
fn pauses(map: &Map) -> Result<Vec<Pause>, Failure> {
    if map.text("targetType")?.as_deref() != Some("PAUSE") {
        let words = "lifecycle hooks of another targetType than PAUSE are not simulated";
        return Err(Failure::sender("UnsupportedFeatureException", words));
    }
    let timeout = map.map("timeoutConfiguration")?;
    let minutes = timeout.map(|t| t.count("timeoutInMinutes")).transpose()?.flatten().unwrap_or(DAY_MINUTES);
    let action = timeout.map(|t| t.text("action")).transpose()?.flatten();
    if !(1..=DAY_MINUTES).contains(&minutes) {
        return Err(invalid(format!("timeoutInMinutes must be between 1 and {DAY_MINUTES}.")));
    }
    let stages = map.texts("lifecycleStages")?;
    let found = stages.iter().map(|name| {
        let stage = Lifecycle::ALL.into_iter().find(|stage| stage.name() == name);
        let stage = stage.ok_or_else(|| invalid(format!("no lifecycle stage {name}")))?;
        Ok(Pause { timeout_minutes: minutes, rollback: action.as_deref() != Some("CONTINUE"), ..Pause::at(stage) })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_shown_as_it_was_set_and_what_is_omitted_stays() {
        let hook = Map::new()
            .with("targetType", "PAUSE")
            .with("lifecycleStages", vec!["POST_TEST_TRAFFIC_SHIFT"])
            .with("timeoutConfiguration", Map::new().with("timeoutInMinutes", 30_i64).with("action", "CONTINUE"));
        let alarms = Map::new().with("alarmNames", vec!["a"]).with("enable", true).with("rollback", true);
        let input = Map::new()
            .with("deploymentCircuitBreaker", Map::new().with("enable", true).with("rollback", true))
            .with("alarms", alarms.clone())
            .with("strategy", "BLUE_GREEN")
            .with("bakeTimeInMinutes", 5_i64)
            .with("lifecycleHooks", vec![hook.clone()]);
        let config = read(&input, &Config::default()).unwrap();
        let again = shown(&config);
        assert_eq!(again.maps("lifecycleHooks").unwrap(), [&hook]);
        assert_eq!(again.integer("bakeTimeInMinutes").unwrap(), Some(5));
        assert_eq!(again.integer("minimumHealthyPercent").unwrap(), Some(100));
        assert_eq!(read(&Map::new().with("maximumPercent", 150_i64), &config).unwrap().alarms, config.alarms);
    }

    #[test]
    fn linear_and_canary_are_shown_as_they_were_set_with_the_defaults_of_what_is_omitted() {
        let linear = Map::new().with("strategy", "LINEAR").with("bakeTimeInMinutes", 2_i64);
        let config = read(&linear, &Config::default()).unwrap();
        assert_eq!(config.strategy, Strategy::Linear { step: 100, step_bake: 360, bake: 120 });
        let first = Map::new().with("canaryPercent", 0.1).with("canaryBakeTimeInMinutes", 7_i64);
        let canary = Map::new().with("strategy", "CANARY").with("canaryConfiguration", first);
        let config = read(&canary, &config).unwrap();
        assert_eq!(config.strategy, Strategy::Canary { share: 1, share_bake: 420, bake: 120 });
        assert_eq!(read(&shown(&config), &Config::default()).unwrap().strategy, config.strategy);
        assert_eq!(read(&Map::new(), &config).unwrap().strategy, config.strategy, "omitted, it stays");
    }

    #[test]
    fn what_is_not_simulated_is_refused_and_never_ignored() {
        let refused = |map: Map| read(&map, &Config::default()).unwrap_err().shape;
        assert_eq!(refused(Map::new().with("strategy", "SIDEWAYS")), "UnsupportedFeatureException");
        let steps = Map::new().with("stepPercent", 1.0);
        let linear = Map::new().with("strategy", "LINEAR").with("linearConfiguration", steps);
        assert_eq!(refused(linear), "InvalidParameterException");
        let lambda = Map::new().with("targetType", "AWS_LAMBDA").with("lifecycleStages", vec!["BAKE_TIME"]);
        assert_eq!(refused(Map::new().with("lifecycleHooks", vec![lambda])), "UnsupportedFeatureException");
        assert_eq!(refused(Map::new().with("maximumPercent", 100_i64)), "InvalidParameterException");
    }
}
