//! The alarms of an account and region, whatever cluster they are about.

use headroom_core::fleet::draft::FoundAlarm;

use super::alarms;
use super::clients::Clients;
use super::place::Place;
use super::progress::Progress;
use crate::person::{Caller, Failure, runtime};

/// What [`account_alarms`] is allowed to do; nothing else is called.
pub const ALARM_ACTIONS: [&str; 1] = ["cloudwatch:DescribeAlarms"];

/// The alarms of one account and region.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountAlarms {
    /// The account, as the alarms' ARNs name it; absent without an alarm.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The alarms.
    pub alarms: Vec<FoundAlarm>,
}

/// Reads every alarm of the caller's account and region; changes nothing. Blocks until it is done.
///
/// # Errors
/// Why not, in a sentence for a person.
pub fn account_alarms(caller: &Caller, tell: &dyn Fn(Progress)) -> Result<AccountAlarms, Failure> {
    let Caller { profile, region, endpoint_url } = caller.clone();
    let place = Place { cluster: String::new(), profile, region, endpoint_url };
    runtime()?.block_on(async {
        let clients = Clients::connect(&place).await?;
        let (account, alarms) = alarms::with_account(&clients, tell).await?;
        Ok(AccountAlarms { account, region: clients.region.clone(), alarms })
    })
}
