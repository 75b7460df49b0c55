//! Which cluster, where, and as whom.

use crate::person::Caller;

/// Where to look, and as whom.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Name of the ECS cluster.
    pub cluster: String,
    /// Profile of the AWS configuration files. It wins over credentials in the environment, as with the AWS CLI.
    pub profile: Option<String>,
    /// Region; else the environment's, else the profile's.
    pub region: Option<String>,
    /// Another endpoint for all three services, for example that of `headroom local`.
    pub endpoint_url: Option<String>,
}

impl Place {
    /// Who reads it.
    pub(super) fn caller(&self) -> Caller {
        let (profile, region, endpoint_url) = (self.profile.clone(), self.region.clone(), self.endpoint_url.clone());
        Caller { profile, region, endpoint_url }
    }
}
