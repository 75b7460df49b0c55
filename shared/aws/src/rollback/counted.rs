//! What a balancer counted by the minute, all in one call.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::MetricDataQuery;
use headroom_core::rollback::{Balancer, Numbers, Series as Counted};
use headroom_core::seen::Reading;
use headroom_pipeline::PortError;
use jiff::Timestamp;

use super::balancer::NAMESPACE;
use crate::ask::{Series, fetch, query};
use crate::aws::Aws;

const SUM: &str = "Sum";
/// Target groups beside the service's own whose errors are compared: two queries each, far under the limit of 500.
const SIBLINGS: usize = 50;

/// Requests and errors of the service.
pub(super) async fn numbers(
    aws: &Aws,
    balancer: &Balancer,
    from: Timestamp,
    now: Timestamp,
) -> Result<Reading<Numbers>, PortError> {
    let mut queries = of_group("n", &balancer.load_balancer, &balancer.target_group).to_vec();
    if let Some(old) = &balancer.old_target_group {
        queries.extend(of_group("o", &balancer.load_balancer, old));
    }
    // Of two target groups nobody can say whose they are, and one of them may serve a twentieth of the requests.
    let joins = balancer.alone && balancer.old_target_group.is_none();
    if joins {
        let dimensions = [("LoadBalancer".to_owned(), balancer.load_balancer.clone())];
        queries.push(query("b".to_owned(), NAMESPACE, "HTTPCode_ELB_5XX_Count", &dimensions, SUM));
    }
    let series = fetch(aws, queries, from.as_second(), now.as_second().div_euclid(60) * 60).await?;
    let read = || -> Result<Numbers, String> {
        let new = counted(&series, "n")?;
        let new = if joins { new.with_balancer_errors(points(&series, "b")?) } else { new };
        Ok(match balancer.old_target_group {
            Some(_) => Numbers::Apart { old: counted(&series, "o")?, new },
            None => Numbers::Together(new),
        })
    };
    Ok(read().map_or_else(Reading::Unreadable, Reading::Known))
}

/// Requests and errors of other target groups, each named after its balancer.
pub(super) async fn siblings(
    aws: &Aws,
    groups: &[(String, String)],
    from: Timestamp,
    now: Timestamp,
) -> Result<Reading<BTreeMap<String, Counted>>, PortError> {
    let groups = &groups[..groups.len().min(SIBLINGS)];
    if groups.is_empty() {
        return Ok(Reading::Known(BTreeMap::new()));
    }
    let each = groups.iter().enumerate();
    let queries = each.clone().flat_map(|(n, (balancer, group))| of_group(&format!("s{n}x"), balancer, group));
    let series = fetch(aws, queries.collect(), from.as_second(), now.as_second().div_euclid(60) * 60).await?;
    let all = each.map(|(n, (_, group))| Ok((group.clone(), counted(&series, &format!("s{n}x"))?)));
    let all: Result<BTreeMap<String, Counted>, String> = all.collect();
    Ok(all.map_or_else(Reading::Unreadable, Reading::Known))
}

fn of_group(id: &str, balancer: &str, group: &str) -> [MetricDataQuery; 2] {
    let dimensions = [("LoadBalancer".to_owned(), balancer.to_owned()), ("TargetGroup".to_owned(), group.to_owned())];
    [("r", "RequestCount"), ("e", "HTTPCode_Target_5XX_Count")]
        .map(|(part, name)| query(format!("{id}{part}"), NAMESPACE, name, &dimensions, SUM))
}

fn counted(series: &BTreeMap<String, Series>, id: &str) -> Result<Counted, String> {
    Ok(Counted::new(points(series, &format!("{id}r"))?, points(series, &format!("{id}e"))?))
}

/// What CloudWatch was not asked for or did not answer is no zero.
fn points(series: &BTreeMap<String, Series>, id: &str) -> Result<BTreeMap<i64, f64>, String> {
    series.get(id).cloned().unwrap_or_else(|| Err("CloudWatch did not answer this query".to_owned()))
}
