//! Metrics of a service that are not of AWS/ECS or AWS/ApplicationELB: put, as its own code would put them.

use super::state::Service;
use crate::cloudwatch::{Datum, MetricKey, Sample};

/// Namespace of a queue's metrics, with the dimension QueueName.
const QUEUE: &str = "Queue";
/// Namespace of a cache's metrics, with the dimension CacheClusterId.
const CACHE: &str = "AWS/ElastiCache";
/// Namespace of Container Insights, with ClusterName and ServiceName; published only where an alarm asks for it.
const INSIGHTS: &str = "ECS/ContainerInsights";

/// A metric that a scenario's policy or alarm names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra {
    /// `queue_depth`.
    QueueDepth,
    /// `queue_per_worker`.
    QueuePerWorker,
    /// `running_tasks`.
    RunningTasks,
    /// `NAME.cpu` of a dependency.
    DependencyCpu(String),
}

impl Service {
    /// The key of such a metric of this service.
    #[must_use]
    pub fn key(&self, extra: &Extra) -> MetricKey {
        let queue = self.queue.as_ref().map_or("", |q| q.name.as_str());
        let id = &self.spec.id;
        match extra {
            Extra::QueueDepth => MetricKey::new(QUEUE, "QueueDepth", &[("QueueName", queue)]),
            Extra::QueuePerWorker => MetricKey::new(QUEUE, "QueueDepthPerWorker", &[("QueueName", queue)]),
            Extra::RunningTasks => {
                let dimensions = [("ClusterName", id.cluster.as_str()), ("ServiceName", id.service.as_str())];
                MetricKey::new(INSIGHTS, "RunningTaskCount", &dimensions)
            }
            Extra::DependencyCpu(name) => MetricKey::new(CACHE, "CPUUtilization", &[("CacheClusterId", name)]),
        }
    }

    /// What it puts for the minute that began then, by namespace.
    pub(crate) fn puts(&self, at: i64, since_midnight: i64) -> Vec<(String, Datum)> {
        if self.queue.is_none() && self.dependencies.is_empty() && !self.insights {
            return Vec::new();
        }
        let datum = |extra: Extra, value| {
            let key = self.key(&extra);
            let dimensions = key.dimensions().to_vec();
            (key.namespace, Datum { name: key.name, dimensions, at: Some(at), sample: Sample::Value(value) })
        };
        let queued = self.queued().into_iter();
        let queued = queued.flat_map(|(depth, each)| [(Extra::QueueDepth, depth), (Extra::QueuePerWorker, each)]);
        let running = self.tasks.running();
        let caches = self.dependencies.iter();
        let caches = caches.map(|d| (Extra::DependencyCpu(d.name.clone()), d.cpu_at(since_midnight, running)));
        let insights = self.insights.then_some((Extra::RunningTasks, f64::from(running)));
        queued.chain(caches).chain(insights).map(|(extra, value)| datum(extra, value)).collect()
    }
}
