//! The queue of dead letters, read and sent again by a person.

use aws_sdk_sqs::types::MessageSystemAttributeName;
use headroom_core::redrive::{Letter, Way};
use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::caller::Caller;
use super::failure::{Failure, failed};
use super::run::runtime;
use super::signed::{Call, Signed};

/// The queue of dead letters, as the stack names it.
pub const DEAD_LETTERS: &str = "headroom-dead-letters";
/// The queue of notices, as the stack names it.
const NOTICES: &str = "headroom-notices";

const URL: &str = "sqs:GetQueueUrl";
const COUNT: &str = "sqs:GetQueueAttributes";
const RECEIVE: &str = "sqs:ReceiveMessage";
const HIDE: &str = "sqs:ChangeMessageVisibility";
const DELETE: &str = "sqs:DeleteMessage";
const SEND: &str = "sqs:SendMessage";
const INVOKE: &str = "lambda:InvokeFunction";

/// IAM actions that looking needs, on the queue of dead letters.
pub const READING_LETTERS: [&str; 4] = [URL, COUNT, RECEIVE, HIDE];
/// IAM actions that sending again needs: on the queue of dead letters, on that of notices, and on the functions.
pub const REDRIVING: [&str; 3] = [DELETE, SEND, INVOKE];

/// How long SQS hides what was received: as a writer's lock, so that after a kill a minute is waited for, and no more.
const HIDDEN_S: i32 = 60;
/// ReceiveMessage gives no more.
const A_CALL: i32 = 10;
/// A queue of several servers may answer one call with nothing though there is something.
const EMPTY_MAX: u32 = 3;

/// The queue with a person's credentials.
#[derive(Debug)]
pub struct Letters {
    runtime: Runtime,
    sqs: aws_sdk_sqs::Client,
    lambda: Signed,
    place: String,
    url: String,
}

/// A letter that nobody else receives for a minute.
#[derive(Debug)]
pub struct Held {
    /// The letter.
    pub letter: Letter,
    receipt: String,
}

impl Letters {
    /// Finds credentials, region and the queue.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn connect(caller: &Caller, region: Option<&str>, queue: &str) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let region = caller.region.clone().or_else(|| region.map(str::to_owned));
        let connected = runtime.block_on(Caller { region, ..caller.clone() }.connect_to_act())?;
        let sqs = aws_sdk_sqs::Client::new(&connected.config);
        let lambda = Signed::of("lambda", "LAMBDA", &connected.config, &connected.region)?;
        let place = caller.place("SQS", &connected.region);
        let found = runtime.block_on(url(&sqs, &place, queue))?;
        Ok(Self { runtime, sqs, lambda, place, url: found })
    }

    /// Receives up to so many letters, oldest first as far as the queue keeps an order; nobody else receives them for a
    /// minute.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn receive(&self, most: usize) -> Result<Vec<Held>, Failure> {
        self.runtime.block_on(async {
            let (mut held, mut empty): (Vec<Held>, u32) = (Vec::new(), 0);
            while held.len() < most && empty < EMPTY_MAX {
                let left = i32::try_from(most - held.len()).unwrap_or(A_CALL);
                let call = self.sqs.receive_message().queue_url(&self.url).max_number_of_messages(left.min(A_CALL));
                let call = call.visibility_timeout(HIDDEN_S).wait_time_seconds(0).message_attribute_names("All");
                let call = call.message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
                let answer = call.send().await.map_err(|error| failed(RECEIVE, self.place.clone(), &error))?;
                let messages = answer.messages.unwrap_or_default();
                empty = if messages.is_empty() { empty + 1 } else { 0 };
                held.extend(messages.into_iter().filter_map(letter));
            }
            held.sort_by(|a, b| (a.letter.sent, &a.letter.id).cmp(&(b.letter.sent, &b.letter.id)));
            Ok(held)
        })
    }

    /// How many letters somebody has received and not yet dealt with.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn elsewhere(&self) -> Result<u32, Failure> {
        let name = aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
        self.runtime.block_on(async {
            let call = self.sqs.get_queue_attributes().queue_url(&self.url).attribute_names(name.clone());
            let answer = call.send().await.map_err(|error| failed(COUNT, self.place.clone(), &error))?;
            let count = answer.attributes.as_ref().and_then(|all| all.get(&name)).and_then(|text| text.parse().ok());
            count.ok_or_else(|| Failure::unusable(COUNT, "an answer without the count"))
        })
    }

    /// Lets go of a letter: it is received again by the next who asks.
    ///
    /// # Errors
    /// Why not, in a sentence for a person; it comes again within a minute all the same.
    pub fn let_go(&self, held: &Held) -> Result<(), Failure> {
        let call = self.sqs.change_message_visibility().queue_url(&self.url);
        let call = call.receipt_handle(&held.receipt).visibility_timeout(0);
        let done = self.runtime.block_on(call.send());
        done.map(|_hidden| ()).map_err(|error| failed(HIDE, self.place.clone(), &error))
    }

    /// Sends a letter again; once.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn send(&self, held: &Held, way: &Way) -> Result<(), Failure> {
        self.runtime.block_on(async {
            match way {
                Way::Passed => Ok(()),
                Way::Notices => {
                    let to = url(&self.sqs, &self.place, NOTICES).await?;
                    let call = self.sqs.send_message().queue_url(to).message_body(&held.letter.body);
                    let sent = call.send().await.map_err(|error| failed(SEND, self.place.clone(), &error))?;
                    sent.message_id()
                        .map(|_| ())
                        .ok_or_else(|| Failure::unusable(SEND, "an answer without a message id"))
                }
                Way::Function { name, payload } => {
                    // Lambda API reference, Invoke: 202 is an event that Lambda has taken into its own queue.
                    let path = format!("/2015-03-31/functions/{name}/invocations");
                    let headers = [("content-type", "application/json"), ("x-amz-invocation-type", "Event")];
                    let call = Call { action: INVOKE, path: &path, headers: &headers, body: payload.clone() };
                    self.lambda.call(call).await.map(|_answer| ())
                }
            }
        })
    }

    /// Deletes a letter that was sent.
    ///
    /// # Errors
    /// Why not, in a sentence for a person; it comes again within a minute.
    pub fn delete(&self, held: &Held) -> Result<(), Failure> {
        let call = self.sqs.delete_message().queue_url(&self.url).receipt_handle(&held.receipt);
        let done = self.runtime.block_on(call.send());
        done.map(|_deleted| ()).map_err(|error| failed(DELETE, self.place.clone(), &error))
    }
}

async fn url(sqs: &aws_sdk_sqs::Client, place: &str, queue: &str) -> Result<String, Failure> {
    let answer = sqs.get_queue_url().queue_name(queue).send().await;
    let answer = answer.map_err(|error| failed(URL, place.to_owned(), &error))?;
    answer.queue_url.ok_or_else(|| Failure::unusable(URL, "an answer without an address"))
}

/// What lacks an id or a receipt can be neither told nor deleted.
fn letter(message: aws_sdk_sqs::types::Message) -> Option<Held> {
    let sent = message.attributes.as_ref().and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp));
    let sent = sent.and_then(|text| text.parse().ok()).and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let attributes = message.message_attributes.unwrap_or_default();
    let attributes = attributes.into_iter().filter_map(|(name, value)| Some((name, value.string_value?)));
    let letter = Letter {
        id: message.message_id?,
        sent,
        body: message.body.unwrap_or_default(),
        attributes: attributes.collect(),
    };
    Some(Held { letter, receipt: message.receipt_handle? })
}
