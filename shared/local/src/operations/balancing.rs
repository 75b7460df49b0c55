//! Elastic Load Balancing: a load balancer for each cluster, a target group for each service, its tasks as targets.

use headroom_simulator::service::Service;
use headroom_simulator::tasks::{Stage, Task};

use super::call::{Answer, Call, Operation};
use super::page::Paging;
use crate::failure::Failure;
use crate::value::{Map, Value};

/// What is served.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation::reads("DescribeLoadBalancers", load_balancers),
    Operation::reads("DescribeRules", rules),
    Operation::reads("DescribeTargetGroups", target_groups),
    Operation::reads("DescribeTargetHealth", target_health),
];

/// Every load balancer, target group and listener in this world has this id.
const ID: &str = "0123456789abcdef";
const VPC: &str = "vpc-0123456789abcdef0";
const PORT: u32 = 80;

const PAGING: Paging = Paging {
    size: "PageSize",
    token: "Marker",
    usual: 400,
    most: 400,
    bad_token: "ValidationException",
    bad_size: "ValidationException",
};

fn load_balancer_arn(service: &Service) -> String {
    service.arn_of("elasticloadbalancing", &format!("loadbalancer/app/{}/{ID}", service.spec.id.cluster))
}

fn listener_arn(service: &Service) -> String {
    service.arn_of("elasticloadbalancing", &format!("listener/app/{}/{ID}/{ID}", service.spec.id.cluster))
}

/// Items of the services here, without what was the same before; by these names and ARNs when there are some.
fn picked(
    call: &Call<'_>,
    (names, arns): (&str, &str),
    absent: &'static str,
    of: impl Fn(&Service) -> (String, String, Value),
) -> Result<Vec<Value>, Failure> {
    let (names, arns) = (call.input.texts(names)?, call.input.texts(arns)?);
    let mut items: Vec<(String, String, Value)> = Vec::new();
    call.world.read(|all| {
        for item in all.iter().filter(|s| call.is_here(s)).map(&of) {
            if !items.iter().any(|(_, arn, _)| *arn == item.1) {
                items.push(item);
            }
        }
    });
    let unknown = |wanted: &String| !items.iter().any(|(name, arn, _)| name == wanted || arn == wanted);
    if let Some(wanted) = names.iter().chain(&arns).find(|wanted| unknown(wanted)) {
        return Err(Failure::sender(absent, format!("'{wanted}' not found")));
    }
    let all = names.is_empty() && arns.is_empty();
    Ok(items.into_iter().filter(|(n, a, _)| all || names.contains(n) || arns.contains(a)).map(|(_, _, v)| v).collect())
}

fn load_balancers(call: &mut Call<'_>) -> Answer {
    let started = call.time(call.started);
    let found = picked(call, ("Names", "LoadBalancerArns"), "LoadBalancerNotFoundException", |service| {
        let (name, arn) = (service.spec.id.cluster.clone(), load_balancer_arn(service));
        let zone = Map::new()
            .with("ZoneName", format!("{}a", service.spec.id.region))
            .with("SubnetId", "subnet-0123456789abcdef0")
            .with("LoadBalancerAddresses", Vec::<Value>::new());
        let shown = Map::new()
            .with("LoadBalancerArn", arn.as_str())
            .with("DNSName", format!("{name}.{}.elb.amazonaws.com", service.spec.id.region))
            .with("CreatedTime", started.clone())
            .with("LoadBalancerName", name.as_str())
            .with("Scheme", "internet-facing")
            .with("VpcId", VPC)
            .with("State", Map::new().with("Code", "active"))
            .with("Type", "application")
            .with("AvailabilityZones", vec![zone])
            .with("SecurityGroups", Vec::<Value>::new())
            .with("IpAddressType", "ipv4");
        (name, arn, shown.into())
    })?;
    let (page, next) = PAGING.page(call.input, found)?;
    Ok(Map::new().with("LoadBalancers", page).with("NextMarker", next).into())
}

fn target_groups(call: &mut Call<'_>) -> Answer {
    let of_balancer = call.input.text("LoadBalancerArn")?;
    let found = picked(call, ("Names", "TargetGroupArns"), "TargetGroupNotFoundException", |service| {
        let (name, arn) = (service.spec.target_group.clone(), service.target_group_arn());
        let shown = Map::new()
            .with("TargetGroupArn", arn.as_str())
            .with("TargetGroupName", name.as_str())
            .with("Protocol", "HTTP")
            .with("Port", PORT)
            .with("VpcId", VPC)
            .with("HealthCheckProtocol", "HTTP")
            .with("HealthCheckPort", "traffic-port")
            .with("HealthCheckEnabled", true)
            .with("HealthCheckIntervalSeconds", 10_u32)
            .with("HealthCheckTimeoutSeconds", 5_u32)
            .with("HealthyThresholdCount", 2_u32)
            .with("UnhealthyThresholdCount", 3_u32)
            .with("HealthCheckPath", "/")
            .with("Matcher", Map::new().with("HttpCode", "200"))
            .with("LoadBalancerArns", vec![load_balancer_arn(service)])
            .with("TargetType", "ip")
            .with("ProtocolVersion", "HTTP1")
            .with("IpAddressType", "ipv4");
        (name, arn, shown.into())
    })?;
    let of_it = |group: &Value| match (&of_balancer, group.as_map().and_then(|g| g.texts("LoadBalancerArns").ok())) {
        (Some(wanted), Some(arns)) => arns.iter().any(|arn| *arn == **wanted),
        (None, _) => true,
        (Some(_), None) => false,
    };
    let (page, next) = PAGING.page(call.input, found.into_iter().filter(of_it).collect())?;
    Ok(Map::new().with("TargetGroups", page).with("NextMarker", next).into())
}

fn target_health(call: &mut Call<'_>) -> Answer {
    let missing = |name: &str| Failure::sender("ValidationException", format!("{name} is required"));
    let arn = call.input.required("TargetGroupArn", missing)?;
    let wanted = call.input.maps("Targets")?;
    let wanted: Vec<String> =
        wanted.iter().map(|t| Ok(t.required("Id", missing)?.into_owned())).collect::<Result<_, Failure>>()?;
    let targets: Option<Vec<Map>> = call.world.read(|all| {
        let group: Vec<&Service> = all.iter().filter(|s| call.is_here(s) && s.target_group_arn() == arn).collect();
        if group.is_empty() {
            return None;
        }
        let tasks = group.iter().flat_map(|s| s.tasks.list().iter().map(|t| (address(s, t), t)));
        let tasks = tasks.filter(|(id, _)| wanted.is_empty() || wanted.contains(id));
        Some(tasks.filter_map(|(id, task)| target(id, task)).collect())
    });
    let words = "One or more target groups not found";
    let mut targets = targets.ok_or_else(|| Failure::sender("TargetGroupNotFoundException", words))?;
    for id in wanted.iter().filter(|id| !targets.iter().any(|t| is(t, id))).cloned().collect::<Vec<_>>() {
        targets.push(described(
            id,
            "unused",
            Some(("Target.NotRegistered", "Target is not registered to the target group")),
        ));
    }
    Ok(Map::new().with("TargetHealthDescriptions", targets).into())
}

fn is(description: &Map, id: &str) -> bool {
    let target = description.get("Target").and_then(Value::as_map);
    target.and_then(|t| t.get("Id")) == Some(&Value::from(id))
}

/// A private address that follows from the task.
fn address(service: &Service, task: &Task) -> String {
    let id = service.task_id(task.id);
    let byte = |at: usize| id.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(1);
    format!("10.{}.{}.{}", byte(0), byte(2), byte(4).max(1))
}

/// A task as a target; it is registered when it runs.
fn target(id: String, task: &Task) -> Option<Map> {
    match task.stage {
        Stage::Pending | Stage::Starting(_) => None,
        Stage::Running(_) => {
            Some(described(id, "initial", Some(("Elb.InitialHealthChecking", "Initial health checks in progress"))))
        }
        Stage::Healthy => Some(described(id, "healthy", None)),
        Stage::Draining(_) => Some(described(
            id,
            "draining",
            Some(("Target.DeregistrationInProgress", "Target deregistration is in progress")),
        )),
    }
}

fn described(id: String, state: &str, why: Option<(&str, &str)>) -> Map {
    let health = Map::new()
        .with("State", state)
        .with("Reason", why.map(|(reason, _)| reason))
        .with("Description", why.map(|(_, description)| description));
    Map::new()
        .with("Target", Map::new().with("Id", id).with("Port", PORT))
        .with("HealthCheckPort", PORT.to_string())
        .with("TargetHealth", health)
}

/// DescribeRules: a path for each service of a cluster, and the default.
fn rules(call: &mut Call<'_>) -> Answer {
    let listener = call.input.text("ListenerArn")?;
    let wanted = call.input.texts("RuleArns")?;
    if listener.is_none() && wanted.is_empty() {
        return Err(Failure::sender("ValidationException", "Either ListenerArn or RuleArns must be specified"));
    }
    let found: Vec<(String, Value)> = call.world.read(|all| {
        let here = all.iter().filter(|s| call.is_here(s));
        let of_listener = here.filter(|s| listener.as_ref().is_none_or(|arn| listener_arn(s) == *arn));
        of_listener.enumerate().map(|(index, service)| rule(index + 1, service)).collect()
    });
    let unknown = |arn: &&String| !found.iter().any(|(known, _)| known == *arn);
    if wanted.iter().any(|arn| unknown(&arn)) {
        return Err(Failure::sender("RuleNotFoundException", "One or more rules not found"));
    }
    if found.is_empty() {
        return Err(Failure::sender("ListenerNotFoundException", "One or more listeners not found"));
    }
    let all = wanted.is_empty();
    let found = found.into_iter().filter(|(arn, _)| all || wanted.contains(arn)).map(|(_, rule)| rule).collect();
    let (page, next) = PAGING.page(call.input, found)?;
    Ok(Map::new().with("Rules", page).with("NextMarker", next).into())
}

fn rule(priority: usize, service: &Service) -> (String, Value) {
    let arn = listener_arn(service).replace(":listener/", ":listener-rule/") + &format!("/{:016x}", priority);
    let path = vec![format!("/{}/*", service.spec.id.service)];
    let condition = Map::new()
        .with("Field", "path-pattern")
        .with("Values", path.clone())
        .with("PathPatternConfig", Map::new().with("Values", path));
    let group = Map::new().with("TargetGroupArn", service.target_group_arn()).with("Weight", 100_u32);
    let forward = Map::new()
        .with("TargetGroups", vec![group])
        .with("TargetGroupStickinessConfig", Map::new().with("Enabled", false));
    let action = Map::new()
        .with("Type", "forward")
        .with("TargetGroupArn", service.target_group_arn())
        .with("Order", 1_u32)
        .with("ForwardConfig", forward);
    let rule = Map::new()
        .with("RuleArn", arn.as_str())
        .with("Priority", priority.to_string())
        .with("Conditions", vec![condition])
        .with("Actions", vec![action])
        .with("IsDefault", false);
    (arn, rule.into())
}
