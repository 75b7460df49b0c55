//! Answers to messages.

use serde_json::Value;

use crate::channel::answer::word;
use crate::channel::{Answer, Head, Refused};
use crate::time::Seconds;

/// When Slack says "too many" without saying how long.
pub(super) const RATE_LIMITED: Seconds = Seconds(30);
const TOO_MANY: u16 = 429;
const SERVER_ERRORS: u16 = 500;
/// The longest word of a webhook has 38 letters.
const WORD_CHARS_MAX: usize = 40;

/// Where the message is, or why it is not there.
///
/// # Errors
/// It is not there, or nobody knows.
pub fn read(answer: &Answer) -> Result<Head, Refused> {
    let body = ok(answer)?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    match (text("channel"), text("ts")) {
        (Some(channel), Some(ts)) => Ok(Head { channel, ts }),
        _ => Err(Refused::Unknown { why: "an answer without channel and ts".to_owned() }),
    }
}

/// The body of an answer that says `ok`.
pub(super) fn ok(answer: &Answer) -> Result<Value, Refused> {
    by_status(answer)?;
    let unreadable = || Refused::Unknown { why: "an answer that is no JSON of Slack's".to_owned() };
    let body: Value = serde_json::from_str(&answer.body).map_err(|_| unreadable())?;
    match (body.get("ok").and_then(Value::as_bool), body.get("error").and_then(Value::as_str)) {
        (Some(true), _) => Ok(body),
        (Some(false), Some(error)) => Err(by_word(error, answer.retry_after)),
        (Some(false), None) | (None, _) => Err(unreadable()),
    }
}

/// Whether a webhook took it.
///
/// # Errors
/// It did not, or nobody knows.
pub fn read_webhook(answer: &Answer) -> Result<(), Refused> {
    let why = || known(answer);
    match answer.status {
        200 if answer.body.trim() == "ok" => Ok(()),
        400 => Err(Refused::Shape { why: why() }),
        // The address is the secret: a webhook that was revoked or moved is an old secret.
        403 | 404 | 410 => Err(Refused::Secret { why: why() }),
        status => {
            by_status(answer)?;
            Err(Refused::Unknown { why: format!("HTTP {status}, and not ok") })
        }
    }
}

/// Slack's word for what is wrong with a webhook's call, which is one word of small letters. Who stands before Slack may
/// answer with the address, and the address is the secret.
fn known(answer: &Answer) -> String {
    let text = answer.body.trim();
    let word =
        !text.is_empty() && text.len() <= WORD_CHARS_MAX && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if word { text.to_owned() } else { format!("HTTP {}", answer.status) }
}

fn by_status(answer: &Answer) -> Result<(), Refused> {
    match answer.status {
        200 => Ok(()),
        TOO_MANY => {
            let after = answer.retry_after.unwrap_or(RATE_LIMITED);
            Err(Refused::Later { after, why: "HTTP 429".to_owned() })
        }
        status if status >= SERVER_ERRORS => Err(Refused::Unknown { why: format!("HTTP {status}") }),
        status @ (401 | 403) => Err(Refused::Secret { why: format!("HTTP {status}") }),
        status if (400..SERVER_ERRORS).contains(&status) => Err(Refused::Never { why: format!("HTTP {status}") }),
        // Another 2xx or a redirect is nothing that Slack answers: perhaps a proxy in between, perhaps after Slack.
        status => Err(Refused::Unknown { why: format!("HTTP {status}") }),
    }
}

fn by_word(error: &str, retry_after: Option<Seconds>) -> Refused {
    let why = word(error);
    match error {
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => {
            Refused::Later { after: retry_after.unwrap_or(RATE_LIMITED), why }
        }
        "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired" => {
            Refused::Secret { why }
        }
        "msg_too_long"
        | "msg_blocks_too_long"
        | "invalid_blocks"
        | "invalid_blocks_format"
        | "invalid_attachments"
        | "too_many_attachments"
        | "attachment_payload_limit_exceeded"
        | "invalid_metadata_format"
        | "invalid_metadata_schema"
        | "metadata_too_large" => Refused::Shape { why },
        // What may not be edited any more is told by a message of its own.
        "message_not_found" | "thread_not_found" | "edit_window_closed" | "cant_update_message" => {
            Refused::Gone { why }
        }
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => Refused::Unknown { why },
        _ => Refused::Never { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, retry_after: None, body: body.to_owned() }
    }

    #[test]
    fn a_message_is_where_slack_says_it_is() {
        let head = read(&answer(200, r#"{"ok":true,"channel":"C1","ts":"1.2","message":{}}"#));
        assert_eq!(head, Ok(Head { channel: "C1".to_owned(), ts: "1.2".to_owned() }));
    }

    #[test]
    fn what_slack_may_have_taken_is_unknown_and_never_counted_as_refused() {
        for (status, body) in [
            (500, ""),
            (503, "{\"ok\":false}"),
            (200, ""),
            (200, "<html>"),
            (200, "{\"ok\":true}"),
            (200, "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"\"}"),
            (200, "{\"ok\":false}"),
            (200, "{\"ok\":false,\"error\":\"fatal_error\"}"),
            (302, ""),
        ] {
            assert!(matches!(read(&answer(status, body)), Err(Refused::Unknown { .. })), "{status} {body}");
        }
    }

    #[test]
    fn slack_says_when_to_come_again() {
        let later = Answer { retry_after: Some(Seconds(77)), ..answer(429, "") };
        assert_eq!(read(&later), Err(Refused::Later { after: Seconds(77), why: "HTTP 429".to_owned() }));
        let in_the_body = answer(200, "{\"ok\":false,\"error\":\"ratelimited\"}");
        assert!(matches!(read(&in_the_body), Err(Refused::Later { after: RATE_LIMITED, .. })));
    }

    #[test]
    fn each_error_has_its_class() {
        let class = |error: &str| read(&answer(200, &format!("{{\"ok\":false,\"error\":\"{error}\"}}"))).unwrap_err();
        assert!(matches!(class("invalid_auth"), Refused::Secret { .. }));
        assert!(matches!(class("invalid_blocks"), Refused::Shape { .. }));
        assert!(matches!(class("message_not_found"), Refused::Gone { .. }));
        assert!(matches!(class("edit_window_closed"), Refused::Gone { .. }));
        assert_eq!(class("channel_not_found"), Refused::Never { why: "channel_not_found".to_owned() });
        assert!(class("bad <!channel>").why().starts_with("bad channel"), "a word is only ever a word");
    }

    #[test]
    fn a_webhook_says_ok_and_nothing_else_counts() {
        assert_eq!(read_webhook(&answer(200, "ok")), Ok(()));
        assert!(matches!(read_webhook(&answer(200, "")), Err(Refused::Unknown { .. })));
        assert!(matches!(read_webhook(&answer(404, "no_service")), Err(Refused::Secret { .. })));
        assert!(matches!(read_webhook(&answer(400, "invalid_payload")), Err(Refused::Shape { .. })));
        assert!(matches!(read_webhook(&answer(429, "")), Err(Refused::Later { .. })));
        assert_eq!(read_webhook(&answer(404, "no_service")).unwrap_err().why(), "no_service");
        let echo = read_webhook(&answer(404, "Cannot POST /services/T0/B0/NEVERTELL")).unwrap_err();
        assert_eq!(echo.why(), "HTTP 404", "a proxy's words may hold the address");
        assert!(matches!(read_webhook(&answer(502, "")), Err(Refused::Unknown { .. })));
    }
}
