//! What is read of a service for a look at it.

use crate::fleet::{Metric, Service};
use crate::id::ServiceId;
use crate::seen::{LoadQuestion, Question};

/// The service, its scalable target and its CPU. Asked together, many services share calls.
#[must_use]
pub fn question(service: &Service) -> Question {
    let (namespace, name, stat) = Metric::Cpu.cloudwatch().unwrap_or_default();
    let load = LoadQuestion {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        stat: stat.to_owned(),
        dimensions: vec![
            ("ClusterName".to_owned(), service.cluster.clone()),
            ("ServiceName".to_owned(), service.service.clone()),
        ],
        tasks_of: None,
        lowest_of: None,
    };
    Question { load: Some(load), ..Question::plain(ServiceId::of(service)) }
}
