//! The night with one service, its minutes, and flows that run at once: what several suites begin with.

use headroom_core::entry::Status;
use headroom_core::fleet::Fleet;
use headroom_core::notice::Kind;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Handled, on_alarm, sweep};

use crate::fleets::{FIRES, at, cpu_alarm, langfuse_web, web};
use crate::world::World;

/// 95 % on two tasks, the alarm firing since a second.
pub(crate) fn night() -> (Fleet, World) {
    let world = World::new(at(FIRES + 1), None).with_service(&web(), 2, 10);
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
    (langfuse_web(), world)
}

/// The night, with the lease granted: min 3, CPU still over the threshold.
pub(crate) async fn granted() -> (Fleet, World) {
    let (fleet, world) = night();
    let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    let handled = on_alarm(&world, &fleet, &event, "first").await.unwrap();
    assert!(matches!(handled, Handled::Recorded(_, Status::Acted)), "{handled:?}");
    (fleet, world)
}

/// Minutes pass: tasks start, the metric arrives unless it is silent, the reconciler runs.
pub(crate) async fn minutes(world: &World, fleet: &Fleet, n: u32, cpu: Option<f64>) {
    for minute in 0..n {
        world.advance(60);
        world.service(&web(), |s| s.running = s.desired);
        if let Some(cpu) = cpu {
            world.metric(&web(), "CPUUtilization", cpu, Some(world.aws(&web()).running));
        }
        sweep(world, fleet, &format!("sweep-{minute}")).await.unwrap();
    }
}

/// How often people were told something of this kind.
pub(crate) fn told(world: &World, kind: Kind) -> usize {
    world.messages().iter().filter(|m| m.kind == kind).count()
}

/// Polls all futures in turn until each is done; each yields by the world's seed.
pub(crate) async fn at_once<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut all: Vec<_> = futures.into_iter().map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(move |context| {
        let mut pending = false;
        for (future, output) in &mut all {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(done) => *output = Some(done),
                    std::task::Poll::Pending => pending = true,
                }
            }
        }
        if pending {
            context.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(all.iter_mut().filter_map(|(_, output)| output.take()).collect())
    })
    .await
}
