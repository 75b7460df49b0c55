//! Several records in one invocation: one after another, each its own case, and one that fails loses no other.

use headroom_core::entry::Status;
use headroom_core::fleet::Fleet;
use headroom_core::id::ServiceId;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Answer, Answered, Handled, Owed, on_payload, owed, sweep};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fixtures::{event, fleet};
use crate::fleets::{FIRES, at, web};
use crate::world::{Fault, World};

fn iso() -> ServiceId {
    ServiceId { service: "prod-eu-web-iso".into(), ..web() }
}

/// Two services whose CPU alarms fire.
fn burning() -> (Fleet, World) {
    let world = World::new(at(FIRES + 1), None).with_service(&web(), 2, 10).with_service(&iso(), 2, 10);
    for (id, alarm) in [(web(), "prod-eu-web-cpu-high"), (iso(), "prod-eu-web-iso-cpu-high")] {
        world.metric(&id, "CPUUtilization", 95.0, Some(2));
        world.alarm(alarm, AlarmState::Alarm);
    }
    (fleet(), world)
}

async fn answered(world: &World, fleet: &Fleet, payload: &Value) -> Vec<Answer> {
    on_payload(world, fleet, payload, "owner", Timestamp::MAX).await
}

/// A queue with these bodies; ids are `m-1`, `m-2`, ...
fn queue(bodies: &[&Value]) -> Value {
    let record = |(n, body): (usize, &&Value)| {
        json!({ "messageId": format!("m-{}", n + 1), "body": body.to_string(), "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:222222222222:alarms" })
    };
    json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() })
}

fn acted(answer: &Answer) -> bool {
    matches!(answer.outcome, Ok(Answered::Alarm(Handled::Recorded(_, Status::Acted))))
}

#[tokio::test]
async fn records_of_one_invocation_are_cases_of_their_own() {
    let (fleet, world) = burning();
    let answers = answered(&world, &fleet, &event("alarm_notification/three_records")).await;
    assert!(acted(&answers[0]) && acted(&answers[1]), "{answers:?}");
    assert!(matches!(answers[2].outcome, Ok(Answered::Alarm(Handled::Recorded(_, Status::Noted)))), "{answers:?}");
    assert_eq!((world.aws(&web()).min, world.aws(&iso()).min, world.entries().len()), (3, 3, 3));
    assert_eq!(owed(&answers), Owed::Nothing);
}

#[tokio::test]
async fn a_record_of_a_topic_that_is_none_fails_the_invocation_after_all_were_tried() {
    let (fleet, world) = burning();
    let mut payload = event("alarm_notification/three_records");
    payload["Records"][0]["Sns"]["Message"] = json!("A backup was completed");
    let answers = answered(&world, &fleet, &payload).await;
    assert!(acted(&answers[1]), "{answers:?}");
    let Owed::Failure(failed) = owed(&answers) else { panic!("{answers:?}") };
    assert_eq!(failed.kind, "NotASignal");
    assert!(failed.why.starts_with("1 of 3 records failed, the first: Message is not json"), "{}", failed.why);
}

#[tokio::test]
async fn a_queue_gets_back_only_what_failed() {
    let (fleet, world) = burning();
    let (first, third) = (event("alarm_notification/raw"), event("alarm_notification/lambda_record"));
    let third = &third["Records"][0]["Sns"];
    let answers = answered(&world, &fleet, &queue(&[&first, &json!("no alarm"), third])).await;
    assert!(acted(&answers[0]), "{answers:?}");
    assert!(
        matches!(answers[2].outcome, Ok(Answered::Alarm(Handled::Duplicate(..)))),
        "the same transition: {answers:?}"
    );
    assert_eq!(owed(&answers), Owed::Redelivery(vec!["m-2".into()]));
    let (fleet, world) = burning();
    assert_eq!(owed(&answered(&world, &fleet, &queue(&[&first])).await), Owed::Redelivery(vec![]));
}

#[tokio::test]
async fn a_batch_of_which_every_record_failed_fails_as_a_whole_whatever_its_mapping_reports() {
    let (fleet, world) = burning();
    let Owed::Failure(one) = owed(&answered(&world, &fleet, &queue(&[&json!("no alarm")])).await) else { panic!() };
    assert_eq!(one.kind, "NotASignal");
    let two = answered(&world, &fleet, &queue(&[&json!("no alarm"), &json!(7)])).await;
    let Owed::Failure(two) = owed(&two) else { panic!("{two:?}") };
    assert!(two.why.starts_with("2 of 2 records failed"), "{}", two.why);
    // A record that holds two events, one of them bad, is all that there is to come again.
    let half = json!({ "Records": [event("alarm_notification/lambda_record")["Records"][0], { "s3": {} }] });
    let answers = answered(&world, &fleet, &queue(&[&half])).await;
    assert!(acted(&answers[0]) && answers.len() == 2 && matches!(owed(&answers), Owed::Failure(_)), "{answers:?}");
    let answers = answered(&world, &fleet, &queue(&[&half, &event("alarm_notification/raw")])).await;
    assert_eq!(owed(&answers), Owed::Redelivery(vec!["m-1".into()]), "{answers:?}");
}

#[tokio::test]
async fn a_queues_record_inside_of_a_notification_fails_the_invocation() {
    let (fleet, world) = burning();
    let mut payload = event("alarm_notification/lambda_record");
    payload["Records"][0]["Sns"]["Message"] =
        json!(queue(&[&json!("no alarm"), &event("alarm_notification/raw")]).to_string());
    let answers = answered(&world, &fleet, &payload).await;
    assert!(matches!(owed(&answers), Owed::Failure(_)), "SNS reads no batchItemFailures: {answers:?}");
}

#[tokio::test]
async fn a_queues_record_without_an_id_fails_the_whole_batch() {
    let (fleet, world) = burning();
    let mut payload = queue(&[&event("alarm_notification/raw"), &json!("no alarm")]);
    payload["Records"][1].as_object_mut().unwrap().remove("messageId");
    let answers = answered(&world, &fleet, &payload).await;
    assert!(acted(&answers[0]) && matches!(owed(&answers), Owed::Failure(_)), "{answers:?}");
}

#[tokio::test]
async fn a_port_that_fails_for_one_record_leaves_the_others_alone_and_the_retry_ends_it() {
    for call in 1..12 {
        let (fleet, world) = burning();
        let mut payload = event("alarm_notification/three_records");
        payload["Records"].as_array_mut().unwrap().truncate(2);
        world.fail_at(call, Fault::Fails);
        let answers = answered(&world, &fleet, &payload).await;
        world.heal();
        let failed = answers.iter().filter(|a| a.outcome.is_err()).count();
        assert!(failed <= 1, "call {call}: {answers:?}");
        assert_eq!(matches!(owed(&answers), Owed::Failure(_)), failed == 1, "call {call}");
        world.advance(61);
        let again = answered(&world, &fleet, &payload).await;
        sweep(&world, &fleet, "sweep").await.unwrap();
        assert_eq!(owed(&again), Owed::Nothing, "call {call}: {again:?}");
        assert!(world.aws(&web()).min >= 3 && world.aws(&iso()).min >= 3, "call {call}");
    }
}

#[tokio::test]
async fn what_is_no_transition_has_an_answer_and_is_no_error() {
    let (fleet, world) = burning();
    for (name, why) in [
        (
            "alarm_configuration/actions_switched_off",
            "alarm prod-eu-web-cpu-high was updated: actionsEnabled true to false: no transition",
        ),
        ("alarm_configuration/deleted_in_alarm", "alarm prod-eu-trouble was deleted: no transition"),
        ("alarm/foreign_account", "account 999999999999: no environment of this fleet"),
        ("alarm_notification/foreign_account", "account 999999999999: no environment of this fleet"),
    ] {
        let answers = answered(&world, &fleet, &event(name)).await;
        match &answers[0].outcome {
            Ok(Answered::Ignored { why: said, .. }) => assert_eq!(said, why, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(owed(&answers), Owed::Nothing, "{name}");
    }
    for name in
        ["alarm_contributor/nobodys", "alarm/not_selected/scalings_own", "alarm_notification/doubtful/from_before_arns"]
    {
        let answers = answered(&world, &fleet, &event(name)).await;
        assert!(matches!(answers[0].outcome, Ok(Answered::Alarm(Handled::Unmatched(_)))), "{name}: {answers:?}");
    }
    assert!(world.entries().is_empty() && world.mutations().is_empty());
}

#[tokio::test]
async fn what_comes_again_is_judged_by_the_alarms_present_state() {
    let replayed = || {
        let mut replayed = event("alarm/metric");
        replayed["replay-name"] = json!("after-the-fix");
        replayed
    };
    let dead =
        json!({ "requestContext": { "condition": "RetriesExhausted" }, "requestPayload": event("alarm/metric") });
    for payload in [replayed(), dead] {
        for (now, min) in [(AlarmState::Alarm, 3), (AlarmState::Ok, 2)] {
            let (fleet, world) = burning();
            world.alarm("prod-eu-web-cpu-high", now);
            let answers = answered(&world, &fleet, &payload).await;
            let deferred = matches!(answers[0].outcome, Ok(Answered::Alarm(Handled::Recorded(_, Status::Deferred))));
            assert!(deferred && world.mutations().is_empty(), "never fresh: {answers:?}");
            world.advance(61);
            world.metric(&web(), "CPUUtilization", 95.0, Some(2));
            sweep(&world, &fleet, "sweep").await.unwrap();
            assert_eq!(world.aws(&web()).min, min, "{now:?}");
        }
    }
}

#[tokio::test]
async fn no_record_is_begun_when_the_time_is_over() {
    let (fleet, world) = burning();
    let answers = on_payload(&world, &fleet, &event("alarm_notification/three_records"), "owner", at(FIRES)).await;
    assert!(acted(&answers[0]), "the first is always tried");
    let late = |a: &Answer| a.outcome.as_ref().is_err_and(|f| f.kind == "OutOfTime");
    assert!(late(&answers[1]) && late(&answers[2]), "{answers:?}");
    assert_eq!(world.aws(&iso()).min, 2);
}
