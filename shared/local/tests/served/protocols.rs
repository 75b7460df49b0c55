//! Every protocol, its errors, and what is no request at all.

use crate::raw::{Client, ECS, register, serve};

const DESCRIBE: &str = r#"{"cluster":"prod","services":["prod-web","gone"]}"#;

#[test]
fn one_kept_connection_serves_requests_of_every_protocol() {
    let server = serve("");
    let mut client = Client::of(&server);
    let json = client.aws(&format!("{ECS}.DescribeServices"), DESCRIBE);
    assert_eq!((json.status, json.headers["content-type"].as_str()), (200, "application/x-amz-json-1.1"));
    assert_eq!(json.json()["services"][0]["runningCount"], 2);
    assert_eq!(json.json()["failures"][0]["reason"], "MISSING");
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let query = client.send("POST /", &form, b"Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=web-cpu");
    assert_eq!(query.headers["content-type"], "text/xml");
    assert!(query.text().contains("<DescribeAlarmsResult>") && query.text().contains("<AlarmName>web-cpu</AlarmName>"));
    let balancing = client.send("POST /", &form, b"Action=DescribeTargetGroups&Version=2015-12-01");
    assert!(balancing.text().contains("<TargetGroupName>worker</TargetGroupName>"), "{}", balancing.text());
    let old = [
        ("X-Amz-Target", "GraniteServiceVersion20100801.DescribeAlarms"),
        ("Content-Type", "application/x-amz-json-1.0"),
    ];
    let json10 = client.send("POST /", &old, b"{\"AlarmNamePrefix\": \"web\"}");
    assert_eq!(json10.headers["content-type"], "application/x-amz-json-1.0");
    assert_eq!(json10.json()["MetricAlarms"][0]["AlarmName"], "web-cpu");
    let cbor = [("smithy-protocol", "rpc-v2-cbor"), ("Content-Type", "application/cbor")];
    let path = "POST /service/GraniteServiceVersion20100801/operation/DescribeAlarms";
    let cbor = client.send(path, &cbor, &[0xA0]);
    assert_eq!(cbor.headers["smithy-protocol"], "rpc-v2-cbor");
    assert!(cbor.body.windows(8).any(|w| w == b"\x67web-cpu"), "a text of seven bytes");
    server.stop().unwrap();
}

#[test]
fn failures_have_awss_shape_in_every_protocol() {
    let server = serve("");
    let mut client = Client::of(&server);
    let json = client.aws(&format!("{ECS}.ListServices"), r#"{"cluster":"none"}"#);
    assert_eq!((json.status, json.headers["x-amzn-errortype"].as_str()), (400, "ClusterNotFoundException"));
    assert_eq!(json.json()["__type"], "ClusterNotFoundException");
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = b"Action=SetAlarmState&Version=2010-08-01&AlarmName=none&StateValue=OK&StateReason=x";
    let query = client.send("POST /", &form, body);
    assert_eq!(query.status, 404);
    assert!(query.text().contains("<Type>Sender</Type><Code>ResourceNotFound</Code>"), "{}", query.text());
    let cbor = [("smithy-protocol", "rpc-v2-cbor"), ("Content-Type", "application/cbor")];
    let path = "POST /service/GraniteServiceVersion20100801/operation/SetAlarmState";
    let missing = client.send(path, &cbor, &[0xA0]);
    assert_eq!((missing.status, missing.headers["x-amzn-query-error"].as_str()), (400, "MissingParameter;Sender"));
    server.stop().unwrap();
}

#[test]
fn operations_that_are_not_served_say_so_in_the_protocol_that_asked() {
    let server = serve("");
    let mut client = Client::of(&server);
    for target in [&format!("{ECS}.RunTask"), "DynamoDB_20120810.GetItem", "nothing"] {
        let json = client.aws(target, "{}");
        assert_eq!((json.status, json.json()["__type"].as_str()), (400, Some("UnknownOperationException")));
    }
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    for body in [&b"Action=ListDashboards&Version=2010-08-01"[..], b"Action=GetUser&Version=2010-05-08", b""] {
        let query = client.send("POST /", &form, body);
        assert!(query.status == 400 && query.text().contains("<Code>InvalidAction</Code>"), "{}", query.text());
    }
    let cbor = [("smithy-protocol", "rpc-v2-cbor"), ("Content-Type", "application/cbor")];
    let unknown = client.send("POST /service/GraniteServiceVersion20100801/operation/Nope", &cbor, &[0xA0]);
    assert_eq!((unknown.status, unknown.headers["x-amzn-query-error"].as_str()), (400, "InvalidAction;Sender"));
    assert_eq!(client.send("POST /", &[], b"hello").json()["__type"], "UnknownOperationException");
    server.stop().unwrap();
}

#[test]
fn a_body_that_is_none_is_refused_and_the_connection_goes_on() {
    let server = serve("");
    let mut client = Client::of(&server);
    for body in ["{", "[]", "\u{0}", "{\"cluster\":[]}"] {
        let json = client.aws(&format!("{ECS}.DescribeServices"), body);
        assert_eq!((json.status, json.json()["__type"].as_str()), (400, Some("SerializationException")), "{body}");
    }
    assert_eq!(client.get("/_headroom/health").status, 200);
    server.stop().unwrap();
}

#[test]
fn what_is_too_large_is_refused() {
    let server = serve("");
    let mut client = Client::of(&server);
    let large = vec![b' '; 3 * 1_024 * 1_024];
    // The server may answer before it has read all of it, and then closes.
    if let Ok(answer) = client.try_send("POST /", &[("X-Amz-Target", "x.y")], &large) {
        assert_eq!(answer.status, 413);
    }
    let header = "x".repeat(200_000);
    let mut client = Client::of(&server);
    if let Ok(answer) = client.try_send("GET /_headroom/health", &[("X-Long", &header)], b"") {
        assert_eq!(answer.status, 431);
    }
    assert_eq!(Client::of(&server).get("/_headroom/health").status, 200, "it goes on");
    server.stop().unwrap();
}

#[test]
fn the_account_and_the_region_of_a_request_are_those_of_its_signature() {
    let server = serve("");
    let mut client = Client::of(&server);
    let list = |client: &mut Client, key: &str, region: &str| {
        let scope = format!("AWS4-HMAC-SHA256 Credential={key}/20261123/{region}/ecs/aws4_request, Signature=0");
        let target = format!("{ECS}.DescribeServices");
        let headers = [("X-Amz-Target", target.as_str()), ("Authorization", scope.as_str())];
        client.send("POST /", &headers, DESCRIBE.as_bytes()).status
    };
    assert_eq!(list(&mut client, "222222222222", "eu-west-1"), 200);
    assert_eq!(list(&mut client, "AKIDEXAMPLE", "eu-west-1"), 200, "the only account of the region");
    assert_eq!(list(&mut client, "333333333333", "eu-west-1"), 400, "no cluster in that account");
    assert_eq!(list(&mut client, "222222222222", "us-east-1"), 400, "nor in that region");
    server.stop().unwrap();
}

#[test]
fn a_page_from_elsewhere_cannot_reach_the_control_api() {
    let server = serve("");
    let mut client = Client::of(&server);
    let truth = "GET /_headroom/truth";
    assert_eq!(client.send(truth, &[("Host", "evil.example")], b"").status, 403, "a name made to resolve here");
    assert_eq!(client.send(truth, &[("Origin", "https://evil.example")], b"").status, 403);
    assert_eq!(client.send(truth, &[("Host", "localhost:4600"), ("Origin", "http://localhost:4600")], b"").status, 200);
    server.stop().unwrap();
}

#[test]
fn a_scalable_target_that_is_registered_moves_the_desired_count_into_its_bounds() {
    let server = serve("");
    let mut client = Client::of(&server);
    assert_eq!(register(&mut client, 4).unwrap().status, 200);
    let web = client.truth()["services"][0].clone();
    assert_eq!(
        (&web["bounds"]["min"], &web["tasks"]["desired"], &web["tasks"]["running"]),
        (&4.into(), &4.into(), &2.into())
    );
    client.advance(120);
    assert_eq!(client.truth()["services"][0]["tasks"]["healthy"], 4, "tasks really start");
    server.stop().unwrap();
}
