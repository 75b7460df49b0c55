//! Options of every command that reads AWS: as whom, where, and by which endpoint.

use clap::Args;
use headroom_aws::person::Caller;

/// As whom AWS is read, and where.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading AWS")]
pub(crate) struct CallerOptions {
    /// A profile of the AWS configuration files; it wins over credentials in the environment
    #[arg(long)]
    profile: Option<String>,
    /// The region; else AWS_REGION, else the profile's
    #[arg(long)]
    region: Option<String>,
    /// Another endpoint for all calls; AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_DYNAMODB work too
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
}

impl CallerOptions {
    /// Who reads.
    pub(crate) fn caller(&self) -> Caller {
        let (profile, region, endpoint_url) = (self.profile.clone(), self.region.clone(), self.endpoint_url.clone());
        Caller { profile, region, endpoint_url }
    }
}
