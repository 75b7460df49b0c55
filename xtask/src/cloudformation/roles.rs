//! Roles: what each function may do, and in `act` mode what it may change.

use serde_json::{Map, Value, json};

use super::parameters::ACTS;
use super::template::{logical, text};
use crate::manifest::{Effect, Function, Statement};

/// Logical id of a function's role.
pub(super) fn role(short: &str) -> String {
    logical(short) + "Role"
}

pub(super) fn add(resources: &mut Map<String, Value>, short: &str, function: &Function) {
    let trust = json!({
        "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole",
    });
    let mut policies = vec![policy("always", &function.iam.always)];
    if !function.iam.act.is_empty() {
        policies.push(json!({ "Fn::If": [ACTS, policy("act", &function.iam.act), { "Ref": "AWS::NoValue" }] }));
    }
    resources.insert(role(short), document(&function.name, &trust, &policies));
}

/// A role whose name holds the region: roles are global, a control plane is not.
pub(super) fn document(name: &str, trust: &Value, policies: &[Value]) -> Value {
    json!({
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": text(&format!("{name}-${{region}}")),
            "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [trust] },
            "Policies": policies,
        },
    })
}

/// An inline policy.
pub(super) fn policy(name: &str, statements: &[Statement]) -> Value {
    let statements: Vec<Value> = statements.iter().map(statement).collect();
    json!({ "PolicyName": name, "PolicyDocument": { "Version": "2012-10-17", "Statement": statements } })
}

fn statement(statement: &Statement) -> Value {
    let effect = match statement.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    let resources: Vec<Value> = statement.resources.iter().map(|r| text(r)).collect();
    let mut rendered =
        json!({ "Sid": statement.sid, "Effect": effect, "Action": statement.actions, "Resource": resources });
    if let Some(condition) = &statement.condition {
        rendered["Condition"] = condition.clone();
    }
    rendered
}
