//! Prices in USD: one file with its date and source, or another one that people bring.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::fleet::{Architecture, Bill, BillItem, CacheNode, Fleet, Service, Task};

/// Where and when the prices were read; printed beside every amount.
pub const SOURCE: &str = "us-east-1 list prices, 2026-06";
/// The same of a price file that was given with `--prices`.
pub const OWN: &str = "prices of your own file";
/// Hours of a month in every bill: 365 days in twelve parts.
pub const MONTH_HOURS: f64 = 730.0;

/// A file of the shortest.
const EXAMPLE: &str = r#"{ "date": "2026-06", "source": "our contract", "regions": { "eu-west-1": { "fargate": { "x86_64": { "vcpu_hour": 0.04048, "gb_hour": 0.004445 } } } } }"#;
/// The region whose prices stand for a region without any.
const STAND_IN: &str = "us-east-1";
const FILE: &str = include_str!("../prices.json");
/// A file that does not parse would be found by the tests; without prices every amount is no number.
static BUILT_IN: LazyLock<Prices> = LazyLock::new(|| Prices::parse(FILE).unwrap_or_default());

/// Prices by region.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// When they were read, for example `2026-06`.
    pub date: String,
    /// Where.
    pub source: String,
    /// By region.
    pub regions: BTreeMap<String, RegionPrices>,
}

/// Prices of one region in USD.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionPrices {
    /// Fargate by architecture, as the fleet file names it.
    pub fargate: BTreeMap<Architecture, TaskPrices>,
    /// One Application Load Balancer for an hour, without what it processes.
    #[serde(default)]
    pub alb_hour: Option<f64>,
    /// One ElastiCache node for an hour, by its type.
    #[serde(default)]
    pub cache_hour: BTreeMap<CacheNode, f64>,
    /// One CloudWatch dashboard for a month.
    #[serde(default)]
    pub dashboard_month: Option<f64>,
    /// One secret for a month.
    #[serde(default)]
    pub secret_month: Option<f64>,
    /// One CloudWatch alarm of standard resolution for a month.
    #[serde(default)]
    pub alarm_month: Option<f64>,
}

/// Prices of Fargate in USD.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskPrices {
    /// One vCPU for an hour.
    pub vcpu_hour: f64,
    /// One GB of memory for an hour.
    pub gb_hour: f64,
}

impl TaskPrices {
    /// USD for one hour of one task.
    #[must_use]
    pub fn task_hour(&self, task: &Task) -> f64 {
        task.vcpu * self.vcpu_hour + task.memory_gib * self.gb_hour
    }
}

impl Prices {
    /// The file of this release.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Reads a file of the same form.
    ///
    /// # Errors
    /// It is not of that form, or a price is negative or no number; where, and what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let prices: Self = serde_json::from_str(text).map_err(|error| format!("{error}\n  example   {EXAMPLE}"))?;
        for (name, region) in &prices.regions {
            let fargate = region.fargate.values().flat_map(|task| [task.vcpu_hour, task.gb_hour]);
            let others = [region.alb_hour, region.dashboard_month, region.secret_month, region.alarm_month];
            let all = fargate.chain(others.into_iter().flatten()).chain(region.cache_hour.values().copied());
            if all.into_iter().any(|usd| !usd.is_finite() || usd < 0.0) {
                return Err(format!("regions.{name}: a price below 0, or no number\n  example   {EXAMPLE}"));
            }
        }
        Ok(prices)
    }

    /// Prices each service of a fleet whose task size is known, by its own region.
    ///
    /// # Errors
    /// What has no price here, with where it would stand and an example. Nothing stands in: amounts would be of two files.
    pub fn apply(&self, fleet: &mut Fleet) -> Result<(), String> {
        let mut missing = BTreeSet::new();
        for service in &mut fleet.services {
            let Some(task) = &mut service.task else { continue };
            let prices = self.regions.get(&service.region).and_then(|of| of.fargate.get(&task.architecture));
            task.usd_hour = prices.map(|of| of.task_hour(task));
            if prices.is_none() {
                missing.insert((service.region.clone(), task.architecture));
            }
        }
        let lines = missing.iter().map(|(region, of)| format!("regions.{region}.fargate.{}: missing\n", of.name()));
        let lines: String = lines.collect();
        if lines.is_empty() { Ok(()) } else { Err(format!("{lines}  example   {EXAMPLE}")) }
    }

    /// The prices of a region, and whether they are its own: another's stand in where it has none.
    #[must_use]
    pub fn of(&self, region: &str) -> Option<(&RegionPrices, bool)> {
        let own = self.regions.get(region).map(|prices| (prices, true));
        own.or_else(|| self.regions.get(STAND_IN).map(|prices| (prices, false)))
    }

    /// Which prices an amount of a region stands on; a region without prices says so.
    #[must_use]
    pub fn words(&self, region: &str) -> String {
        let date = &self.date;
        match self.of(region) {
            Some((_, true)) => format!("{region} list prices, {date}"),
            Some((_, false)) => format!("{STAND_IN} list prices, {date}; none are known for {region}"),
            None => format!("no prices are known for {region}"),
        }
    }

    /// USD for one hour of one task in a region.
    #[must_use]
    pub fn task_hour(&self, region: &str, task: &Task) -> Option<f64> {
        let (prices, _) = self.of(region)?;
        prices.fargate.get(&task.architecture).map(|of| of.task_hour(task))
    }

    /// A bill for a month of [`MONTH_HOURS`] in a region: each item with its USD; `None` for what has no price here.
    #[must_use]
    pub fn month(&self, region: &str, bill: &Bill, services: &[Service]) -> Vec<(BillItem, Option<f64>)> {
        let priced = |item: &BillItem| {
            let (prices, _) = self.of(region)?;
            match item {
                BillItem::Service { service, tasks } => {
                    let task = services.iter().find(|s| s.name == *service && s.region == region)?.task?;
                    Some(self.task_hour(region, &task)? * MONTH_HOURS * f64::from(*tasks))
                }
                BillItem::Alb { count } => Some(prices.alb_hour? * MONTH_HOURS * f64::from(*count)),
                BillItem::Redis { node } => Some(prices.cache_hour.get(node)? * MONTH_HOURS),
                BillItem::Dashboards { count } => Some(prices.dashboard_month? * f64::from(*count)),
                BillItem::Secrets { count } => Some(prices.secret_month? * f64::from(*count)),
                BillItem::Alarms { count } => Some(prices.alarm_month? * f64::from(*count)),
            }
        };
        bill.items.iter().map(|item| (item.clone(), priced(item))).collect()
    }
}

/// Which prices an amount for a task in a region stands on.
#[must_use]
pub fn at(region: &str, task: &Task) -> String {
    if task.usd_hour.is_some() { OWN.to_owned() } else { Prices::built_in().words(region) }
}

/// USD for one hour of one task: by the price file that was given, else at the prices that stand in for every region.
#[must_use]
pub fn task_hour(task: &Task) -> f64 {
    task.usd_hour.or_else(|| Prices::built_in().task_hour(STAND_IN, task)).unwrap_or(f64::NAN)
}

/// Where the price of a task comes from.
#[must_use]
pub fn source(task: &Task) -> &'static str {
    if task.usd_hour.is_some() { OWN } else { SOURCE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet;

    const OPENWEBUI: &str = include_str!("../../../examples/openwebui/headroom.yaml");

    fn cents(usd: f64) -> f64 {
        (usd * 100.0).round() / 100.0
    }

    #[test]
    fn the_file_of_this_release_parses_and_says_what_it_is() {
        let prices = Prices::parse(FILE).expect("the file");
        assert_eq!(prices.words(STAND_IN), SOURCE);
        assert!(prices.words("eu-west-1").contains("none are known for eu-west-1"));
        assert!(!prices.source.is_empty());
    }

    #[test]
    fn a_month_of_openwebui_costs_what_its_owners_computed() {
        let fleet = fleet::parse(OPENWEBUI, "f").expect("right");
        let bill = |name: &str| {
            let bill = fleet.costs.iter().find(|b| b.name == name).expect("the bill");
            let region = &fleet.services[0].region;
            let items = Prices::built_in().month(region, bill, &fleet.services);
            items.iter().map(|(item, usd)| (item.clone(), cents(usd.expect("a price")))).collect::<Vec<_>>()
        };
        let total = |name: &str| {
            let bill = fleet.costs.iter().find(|b| b.name == name).expect("the bill");
            let items = Prices::built_in().month(&fleet.services[0].region, bill, &fleet.services);
            items.iter().map(|(_, usd)| usd.expect("a price")).sum::<f64>()
        };
        assert_eq!(bill("before").iter().map(|(_, usd)| *usd).collect::<Vec<_>>(), [340.24]);
        let after: Vec<f64> = bill("after").iter().map(|(_, usd)| *usd).collect();
        assert_eq!(after, [170.12, 16.43, 12.41, 3.0, 0.8, 0.4]);
        assert_eq!((cents(total("before")), cents(total("after"))), (340.24, 203.15));
        let saved = total("before") - total("after");
        assert_eq!(
            (cents(saved), cents(saved * 12.0), (saved / total("before") * 100.0).round()),
            (137.08, 1_645.01, 40.0)
        );
    }

    #[test]
    fn three_tasks_and_ten_cost_what_the_fleets_page_says() {
        let task = Task { vcpu: 2.0, memory_gib: 8.0, architecture: Architecture::X86_64, usd_hour: None };
        let beside = 0.0225 * MONTH_HOURS + 0.017 * MONTH_HOURS + 3.0 + 0.8 + 0.4;
        let month = |tasks: f64| cents(task_hour(&task) * MONTH_HOURS * tasks + beside);
        assert_eq!((month(2.0), month(3.0), month(10.0)), (203.15, 288.21, 883.63));
    }

    #[test]
    fn what_is_no_price_is_refused_and_what_has_none_has_no_amount() {
        for text in ["{}", "[]", r#"{"date":"d","source":"s","regions":{"r":{"fargate":{},"alb_hour":-1}}}"#] {
            assert!(Prices::parse(text).is_err(), "{text}");
        }
        let none = Prices::parse(r#"{"date":"2026-06","source":"s","regions":{}}"#).expect("no region");
        let task = Task { vcpu: 2.0, memory_gib: 8.0, architecture: Architecture::Arm64, usd_hour: None };
        assert_eq!((none.task_hour("eu-west-1", &task), none.of("eu-west-1")), (None, None));
        assert_eq!(none.words("eu-west-1"), "no prices are known for eu-west-1");
    }

    #[test]
    fn a_file_of_ones_own_prices_every_service_or_says_what_it_lacks() {
        let mut fleet = fleet::parse(OPENWEBUI, "f").expect("right");
        let own = |region: &str| {
            let text = r#"{"date":"d","source":"s","regions":{"REGION":{"fargate":{"x86_64":{"vcpu_hour":0.5,"gb_hour":0.25}}}}}"#;
            Prices::parse(&text.replace("REGION", region)).expect("prices")
        };
        let told = own("eu-west-1").apply(&mut fleet).expect_err("the fleet is in us-east-1");
        assert!(told.starts_with("regions.us-east-1.fargate.x86_64: missing") && told.contains("example"), "{told}");
        own("us-east-1").apply(&mut fleet).expect("priced");
        let task = fleet.services[0].task.expect("a size");
        assert_eq!(
            (task_hour(&task), source(&task), at("us-east-1", &task)),
            (2.0 * 0.5 + 8.0 * 0.25, OWN, OWN.to_owned())
        );
        // A compiled fleet carries it to the functions.
        let again = Fleet::from_json(&fleet.to_json().expect("text")).expect("a fleet");
        assert_eq!(again.services[0].task, fleet.services[0].task);
        let example = Prices::parse(EXAMPLE).expect("the example is valid");
        assert_eq!(example.regions.len(), 1);
        assert!(Prices::parse("{}").is_err_and(|told| told.contains("line 1 column 2") && told.contains("example")));
    }
}
