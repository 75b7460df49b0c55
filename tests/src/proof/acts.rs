//! What others than Headroom do to the world.

use std::rc::Rc;

use headroom_core::control::Pause;
use headroom_core::id::ServiceId;
use headroom_core::signal::AlarmState;
use headroom_simulator::cloudwatch::Place;
use headroom_simulator::delivery::Chances;
use headroom_simulator::deploy::{Begins, Breaker, Config, Release};
use headroom_simulator::ecs::Update;
use headroom_simulator::scaling::Register;
use headroom_simulator::tasks::Ending;

use super::life::{Life, compiled};
use super::story::{Act, Build, Plan};

impl Life<'_> {
    pub(super) fn act(&mut self, plan: &Plan, act: Act) {
        let far = Rc::clone(&self.far);
        let (world, id) = (&far.world, plan.id());
        let Some(look) = world.look(&id) else { return };
        let register = |min, max| {
            let _refused_or_not = world.register_target(&id, Register { min, max, suspended: None });
        };
        match act {
            Act::Bounds { min, max } => register(min, max),
            Act::PutBack => register(Some(plan.min), Some(plan.max)),
            Act::Desired(desired) => {
                world.set_desired(&id, desired);
            }
            Act::Unpark => {
                world.set_desired(&id, look.desired.clamp(look.min, look.max));
            }
            Act::Silence(silent) => world.silence(&id, silent),
            Act::Blind(blind) => {
                let mut all = self.far.blind.borrow_mut();
                let _changed = if blind { all.insert(id.clone()) } else { all.remove(&id) };
            }
            Act::Stop(stopped) => world.stop(plan.environment(), stopped),
            Act::Pause(paused) => {
                let environment = plan.environment();
                let _changed = if paused {
                    self.paused.insert((environment, plan.number))
                } else {
                    self.paused.remove(&(environment, plan.number))
                };
                let here = self.paused.iter().filter(|(of, _)| *of == environment);
                let pause = |number: &u32| Pause {
                    service: Some(format!("s{number}")),
                    remedy: None,
                    until: None,
                    by: "somebody".into(),
                };
                world.pause(environment, here.map(|(_, number)| pause(number)).collect());
            }
            Act::Ring => self.ring(plan.environment),
            Act::Mode(mode) => {
                self.modes[plan.environment] = mode;
                self.fleet = Rc::new(compiled(self.story, self.modes));
            }
            Act::Deploy(build) => self.deploy(&id, build),
            Act::Kill(tasks) => {
                let killed = world.index_of(&id).map(|index| world.kill_tasks(index, tasks, &Ending::Exited));
                assert!(killed.is_some_and(|k| k.is_ok()), "{id}");
            }
            Act::Sweep => {}
        }
        self.far.observer.borrow_mut().acted(world.seconds(), plan, act, &self.fleet);
        self.look_for_foreign("person");
        if act == Act::Sweep {
            self.begin_sweep();
        }
    }

    /// Every alarm of an environment that wakes something goes to ALARM at once.
    fn ring(&mut self, environment: usize) {
        for plan in self.story.services.iter().filter(|plan| plan.environment == environment) {
            let id = plan.id();
            for cure in &plan.remedies {
                let short = cure.name.rsplit('-').next().unwrap_or_default();
                let name = match short {
                    "burns" => format!("{}-burning", id.service),
                    "hung" | "full" | "flaps" | "stuck" => format!("{}-{short}", id.service),
                    _ => format!("{}-{}", id.service, cure.name),
                };
                let set =
                    self.far.world.set_alarm_state(&Place::of(&id), &name, AlarmState::Alarm, "rung".into(), None);
                assert!(set.is_ok(), "{name}: {set:?}");
            }
        }
        self.send_changes();
    }

    /// A new revision is rolled out, with the circuit breaker on.
    fn deploy(&self, id: &ServiceId, build: Build) {
        let (world, number) = (&self.far.world, self.far.world.seconds());
        let image = format!("{}:{number}", id.service);
        let sound = Release::sound(&format!("sha256:{number}"));
        let release = match build {
            Build::Sound => sound,
            Build::Errors => Release { errors_percent: 30.0, ..sound },
            Build::Heavy => Release { work_factor: 2.5, ..sound },
            Build::Crashes => Release { begins: Begins::Exits(20), ..sound },
            Build::Unhealthy => Release { begins: Begins::Unhealthy, begins_percent: 60.0, ..sound },
            Build::NoImage => Release { begins: Begins::NotAtAll, ..sound },
        };
        world.push_image(&image, release);
        let task_definition = world.register_task_definition(&id.service, &image).unwrap_or_else(|e| panic!("{e}"));
        let config = Config { breaker: Some(Breaker { rollback: true }), ..Config::default() };
        let update = Update { task_definition: Some(task_definition), config: Some(config), ..Update::default() };
        let begun = world.index_of(id).map(|index| world.update_service(index, update));
        assert!(matches!(begun, Some(Ok(Some(_)))), "{id}: {begun:?}");
    }

    /// The trouble is over: nothing fails, nobody interferes, what was held is let go.
    pub(super) fn calm(&mut self) {
        self.far.heal();
        self.delivery.set(Chances::default());
        for plan in &self.story.services {
            if let Some(index) = self.far.world.index_of(&plan.id()) {
                assert!(self.far.world.set_quota(index, None).is_ok());
            }
            let back = [
                Act::Silence(false),
                Act::Blind(false),
                Act::Stop(false),
                Act::Pause(false),
                Act::Unpark,
                Act::Deploy(Build::Sound),
            ];
            for act in back {
                self.act(plan, act);
            }
        }
        self.acts = self.story.acts.len();
    }
}
