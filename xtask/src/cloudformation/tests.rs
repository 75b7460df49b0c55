//! The template as CloudFormation would see it, once per mode.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::template;
use crate::manifest::manifest;

/// What is no reading verb changes something.
const READING: [&str; 4] = ["Describe", "List", "Get", "BatchGet"];

fn rendered() -> Value {
    template(&manifest())
}

/// The template with `Fn::If` decided as CloudFormation decides it when only `Mode` is given.
fn in_mode(value: &Value, mode: &str) -> Value {
    match value {
        Value::Object(map) => {
            if let Some([condition, yes, no]) = map.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice) {
                let chosen = match condition.as_str() {
                    Some("Acts") => mode == "act",
                    Some("HasEmail") => false,
                    other => panic!("a condition that this test does not know: {other:?}"),
                };
                return in_mode(if chosen { yes } else { no }, mode);
            }
            map.iter().map(|(k, v)| (k.clone(), in_mode(v, mode))).filter(|(_, v)| !nothing(v)).collect()
        }
        Value::Array(list) => list.iter().map(|v| in_mode(v, mode)).filter(|v| !nothing(v)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn nothing(value: &Value) -> bool {
    *value == json!({ "Ref": "AWS::NoValue" })
}

/// Every statement of every role's own policies.
fn statements(template: &Value) -> Vec<Value> {
    let resources = template["Resources"].as_object().unwrap().values();
    let policies = resources.flat_map(|r| r["Properties"]["Policies"].as_array().cloned().unwrap_or_default());
    policies.flat_map(|p| p["PolicyDocument"]["Statement"].as_array().cloned().unwrap()).collect()
}

/// Actions on the fleet, other than reading it, that a statement allows.
fn changes_the_fleet(statement: &Value) -> Vec<String> {
    let actions = statement["Action"].as_array().unwrap().iter().map(|a| a.as_str().unwrap());
    actions
        .filter(|_| statement["Effect"] == "Allow")
        .filter(|action| {
            let (service, verb) = action.split_once(':').unwrap_or((action, "*"));
            let fleet = service.contains('*') || ["ecs", "application-autoscaling"].contains(&service);
            fleet && !READING.iter().any(|r| verb.starts_with(r))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn observe_and_suggest_hold_no_statement_that_changes_the_fleet() {
    for mode in ["observe", "suggest"] {
        let statements = statements(&in_mode(&rendered(), mode));
        assert!(statements.len() > 4, "{mode}: {} statements, too few to be all", statements.len());
        for statement in statements {
            assert_eq!(changes_the_fleet(&statement), Vec::<String>::new(), "{mode}: {statement}");
        }
    }
}

#[test]
fn act_adds_rights_on_what_is_tagged_only_but_for_deployments_which_have_no_tags() {
    let statements = statements(&in_mode(&rendered(), "act"));
    let changing: Vec<&Value> = statements.iter().filter(|s| !changes_the_fleet(s).is_empty()).collect();
    let actions: BTreeSet<String> = changing.iter().flat_map(|s| changes_the_fleet(s)).collect();
    assert!(actions.contains("application-autoscaling:RegisterScalableTarget"), "{actions:?}");
    for statement in changing.into_iter().filter(|s| s["Sid"] != "TakeDeploymentsBack") {
        assert_eq!(statement["Condition"]["Null"]["aws:ResourceTag/headroom"], "false", "{statement}");
    }
}

#[test]
fn the_table_cannot_be_deleted_while_headroom_may_hold_baselines_in_it() {
    for (mode, protected) in [("observe", false), ("suggest", false), ("act", true)] {
        let template = in_mode(&rendered(), mode);
        assert_eq!(template["Resources"]["Table"]["Properties"]["DeletionProtectionEnabled"], protected, "{mode}");
    }
}

#[test]
fn observe_is_what_one_gets_without_choosing() {
    assert_eq!(rendered()["Parameters"]["Mode"]["Default"], "observe");
}

#[test]
fn every_star_in_the_template_has_its_reason_in_the_manifest() {
    let manifest = manifest();
    let known: BTreeSet<&str> = manifest
        .functions
        .values()
        .flat_map(|f| f.iam.always.iter().chain(&f.iam.act))
        .filter(|s| s.wildcard_reason.is_some_and(|reason| !reason.is_empty()) && !s.reason.is_empty())
        .map(|s| s.sid.as_str())
        .collect();
    let mut stars = 0;
    for statement in statements(&in_mode(&rendered(), "act")) {
        assert!(
            statement["Action"].as_array().unwrap().iter().all(|a| !a.as_str().unwrap().contains('*')),
            "{statement}"
        );
        if statement["Resource"].to_string().contains('*') {
            stars += 1;
            assert!(known.contains(statement["Sid"].as_str().unwrap()), "{statement}");
        }
    }
    assert!(stars > 0);
}

#[test]
fn every_reference_leads_to_a_parameter_or_a_resource() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(name) = map.get("Ref").and_then(Value::as_str) {
                    found.push(name.to_owned());
                }
                if let Some(name) = map.get("Fn::GetAtt").and_then(|v| v[0].as_str()) {
                    found.push(name.to_owned());
                }
                if let Some(Value::Array(names)) = map.get("DependsOn") {
                    found.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                map.values().for_each(|v| references(v, found));
            }
            Value::Array(list) => list.iter().for_each(|v| references(v, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let template = rendered();
    let mut found = Vec::new();
    references(&template, &mut found);
    assert!(found.len() > 30, "{}", found.len());
    for name in found.iter().filter(|n| !n.starts_with("AWS::")) {
        let known = ["Parameters", "Resources"].iter().any(|part| template[part].get(name).is_some());
        assert!(known, "nothing is called {name}");
    }
}

#[test]
fn every_permission_to_invoke_names_whose_events_it_lets_in() {
    let template = rendered();
    let resources = template["Resources"].as_object().unwrap().values();
    let permissions: Vec<&Value> = resources.filter(|r| r["Type"] == "AWS::Lambda::Permission").collect();
    let principals: BTreeSet<&str> =
        permissions.iter().map(|p| p["Properties"]["Principal"].as_str().unwrap()).collect();
    let expected = ["events.amazonaws.com", "lambda.alarms.cloudwatch.amazonaws.com", "sns.amazonaws.com"];
    assert_eq!(principals, BTreeSet::from(expected));
    for permission in permissions {
        let source = &permission["Properties"]["SourceArn"];
        let own = source["Fn::Sub"].as_str().is_some_and(|arn| arn.contains(":${AWS::Region}:${AWS::AccountId}:"));
        assert!(own || source.get("Fn::GetAtt").is_some(), "{permission}");
    }
}

#[test]
fn nothing_that_fails_is_lost_on_the_way_to_a_function() {
    let template = rendered();
    let resources = template["Resources"].as_object().unwrap();
    let dead = json!({ "Fn::GetAtt": ["DeadLetters", "Arn"] });
    for (name, resource) in resources {
        let properties = &resource["Properties"];
        match resource["Type"].as_str().unwrap() {
            "AWS::Events::Rule" => assert_eq!(properties["Targets"][0]["DeadLetterConfig"]["Arn"], dead, "{name}"),
            "AWS::Scheduler::Schedule" => assert_eq!(properties["Target"]["DeadLetterConfig"]["Arn"], dead, "{name}"),
            "AWS::Lambda::EventInvokeConfig" => {
                assert_eq!(properties["DestinationConfig"]["OnFailure"]["Destination"], dead, "{name}");
            }
            _ => {}
        }
    }
}
