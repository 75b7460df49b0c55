//! The seven services that are served, with the names that the protocols know them by.

/// A service of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// Amazon ECS.
    Ecs,
    /// Application Auto Scaling.
    Scaling,
    /// Amazon CloudWatch.
    CloudWatch,
    /// Elastic Load Balancing v2.
    Balancing,
    /// Service Quotas.
    Quotas,
    /// Amazon ECR.
    Registry,
    /// Amazon EventBridge.
    Bus,
}

impl Api {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Ecs, Self::Scaling, Self::CloudWatch, Self::Balancing, Self::Quotas, Self::Registry, Self::Bus];

    /// What `X-Amz-Target` begins with, and the RPC protocols' service name; none: the service speaks no JSON.
    #[must_use]
    pub fn target(self) -> Option<&'static str> {
        match self {
            Self::Ecs => Some("AmazonEC2ContainerServiceV20141113"),
            Self::Scaling => Some("AnyScaleFrontendService"),
            Self::CloudWatch => Some("GraniteServiceVersion20100801"),
            Self::Balancing => None,
            Self::Quotas => Some("ServiceQuotasV20190624"),
            Self::Registry => Some("AmazonEC2ContainerRegistry_V20150921"),
            Self::Bus => Some("AWSEvents"),
        }
    }

    /// Version and XML namespace of its Query protocol; none: it speaks none.
    #[must_use]
    pub fn query(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::CloudWatch => Some(("2010-08-01", "http://monitoring.amazonaws.com/doc/2010-08-01/")),
            Self::Balancing => Some(("2015-12-01", "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/")),
            Self::Ecs | Self::Scaling | Self::Quotas | Self::Registry | Self::Bus => None,
        }
    }

    /// Its short name: in fault plans, counts and documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ecs => "ecs",
            Self::Scaling => "application-autoscaling",
            Self::CloudWatch => "cloudwatch",
            Self::Balancing => "elasticloadbalancing",
            Self::Quotas => "service-quotas",
            Self::Registry => "ecr",
            Self::Bus => "events",
        }
    }
}
