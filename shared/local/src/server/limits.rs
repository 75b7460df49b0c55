//! What one client may take of the server, each with its reason.

use std::time::Duration;

/// PutMetricData takes 1 MB (CloudWatch service quotas), the largest request of all that are served; a saved state is
/// larger and has a limit of its own.
pub(super) const BODY_MAX: usize = 2 * 1_024 * 1_024;
/// A state of a full journal.
pub(super) const STATE_MAX: usize = 256 * 1_024 * 1_024;
/// AWS's own load balancers refuse more than 64 K of headers.
pub(super) const HEAD_MAX: usize = 64 * 1_024;
/// A signed request has some 20.
pub(super) const HEADERS_MAX: usize = 100;
/// Each of some dozens of functions may hold a pool of connections; each connection costs a buffer here.
pub(super) const CONNECTIONS_MAX: usize = 512;
/// A kept connection that says nothing; SDKs keep theirs for up to 90 s and take a closed one as a reason to open
/// another.
pub(super) const IDLE: Duration = Duration::from_secs(100);
/// From the end of the head to the end of the body.
pub(super) const BODY: Duration = Duration::from_secs(30);
/// How long a client waits for an answer that never comes, if it does not give up before: longer than the 60 s of
/// boto3.
pub(super) const SILENCE: Duration = Duration::from_secs(120);
/// Answers that are under way when the server is asked to end.
pub(super) const END: Duration = Duration::from_secs(3);
/// How often the world catches up with the clock when nobody asks.
pub(super) const TICK: Duration = Duration::from_millis(100);
