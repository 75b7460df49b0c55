//! The clock.

use headroom_pipeline::Clock;
use jiff::Timestamp;

use crate::aws::Aws;

impl Clock for Aws {
    fn now(&self) -> Timestamp {
        self.clock()
    }
}
