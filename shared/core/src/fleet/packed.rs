//! The compiled fleet as text: services that are alike share a profile, so that ten thousand load in milliseconds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::compiled::{COMPILED_VERSION, Capacity, Environment, Fleet, Mode, RemedyList, Scaling, Service, Task};
use super::lines::Lines;

/// The services in the text.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packed {
    /// What services are, apart from their names; each different one once.
    profiles: Vec<Profile>,
    list: Vec<Row>,
}

/// What a service is, apart from its names.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    mode: Mode,
    task: Option<Task>,
    capacity: Capacity,
    scaling: Scaling,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    remedies: RemedyList,
}

/// The names of a service. Account and region are its environment's.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    environment: String,
    name: String,
    cluster: String,
    service: String,
    target_group: Option<String>,
    /// Index into the profiles.
    profile: usize,
}

/// All that has to be readable in the text of another release.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Fleet {
    /// Reads the compiled form and checks its version.
    ///
    /// # Errors
    /// The text is not this version's compiled fleet; the message says what was found.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let fleet: Fleet<Packed> = serde_json::from_str(text).map_err(|error| refused(text, &error))?;
        if fleet.version != COMPILED_VERSION {
            return Err(other_version(fleet.version));
        }
        let (fleet, packed) = fleet.with(());
        let services = unpack(packed, &fleet.environments)?;
        Ok(fleet.with(services).0)
    }

    /// Writes the compiled form, one service a line; the same fleet gives the same bytes.
    ///
    /// # Errors
    /// A number that JSON cannot write, such as infinity; a fleet that was read from a file has none.
    pub fn to_json(&self) -> Result<String, String> {
        let failed = |error: serde_json::Error| format!("compiled fleet: {error}");
        let (fleet, ()) = self.clone().with(()).0.with(pack(&self.services).map_err(failed)?);
        let mut out = Vec::new();
        fleet.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Lines::default())).map_err(failed)?;
        String::from_utf8(out).map(|text| text + "\n").map_err(|error| error.to_string())
    }
}

impl<S> Fleet<S> {
    /// The same fleet with its services held in another way.
    fn with<T>(self, services: T) -> (Fleet<T>, S) {
        let Self {
            version,
            fleet,
            source,
            environments,
            services: before,
            schedules,
            freezes,
            dependencies,
            alerts,
            limits,
            channels,
            routes,
            switches,
            costs,
        } = self;
        (
            Fleet {
                version,
                fleet,
                source,
                environments,
                services,
                schedules,
                freezes,
                dependencies,
                alerts,
                limits,
                channels,
                routes,
                switches,
                costs,
            },
            before,
        )
    }
}

fn pack(services: &[Service]) -> Result<Packed, serde_json::Error> {
    let mut profiles = Vec::new();
    // By its text: numbers with a point have no order of their own.
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut list = Vec::with_capacity(services.len());
    for s in services {
        let profile = Profile {
            mode: s.mode,
            task: s.task,
            capacity: s.capacity,
            scaling: s.scaling.clone(),
            depends_on: s.depends_on.clone(),
            remedies: s.remedies.clone(),
        };
        let index = *known.entry(serde_json::to_string(&profile)?).or_insert_with(|| {
            profiles.push(profile);
            profiles.len() - 1
        });
        list.push(Row {
            environment: s.environment.clone(),
            name: s.name.clone(),
            cluster: s.cluster.clone(),
            service: s.service.clone(),
            target_group: s.target_group.clone(),
            profile: index,
        });
    }
    Ok(Packed { profiles, list })
}

fn unpack(packed: Packed, environments: &[Environment]) -> Result<Vec<Service>, String> {
    let service = |row: Row| {
        let lacking = |what: String| format!("compiled fleet: {} of {} is not in the file", what, row.name);
        let environment = environments.iter().find(|e| e.name == row.environment);
        let environment = environment.ok_or_else(|| lacking(format!("environment `{}`", row.environment)))?;
        let profile = packed.profiles.get(row.profile).ok_or_else(|| lacking(format!("profile {}", row.profile)))?;
        Ok(Service {
            environment: row.environment,
            name: row.name,
            account: environment.account.clone(),
            region: environment.region.clone(),
            cluster: row.cluster,
            service: row.service,
            target_group: row.target_group,
            mode: profile.mode,
            task: profile.task,
            capacity: profile.capacity,
            scaling: profile.scaling.clone(),
            depends_on: profile.depends_on.clone(),
            remedies: profile.remedies.clone(),
        })
    };
    packed.list.into_iter().map(service).collect()
}

/// Another release's text rarely fits these types, so its version is looked for before the types are blamed.
fn refused(text: &str, error: &serde_json::Error) -> String {
    match serde_json::from_str::<Versioned>(text) {
        Ok(Versioned { version }) if version != COMPILED_VERSION => other_version(version),
        Ok(_) | Err(_) => format!("compiled fleet: {error}"),
    }
}

fn other_version(found: u32) -> String {
    format!(
        "compiled fleet: version {found} found, {COMPILED_VERSION} expected: run `headroom compile` of this release again"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::parse;

    const FILE: &str = "\
version: 1
fleet: shop
environments:
  - { name: staging, account: \"111111111111\", region: eu-west-1 }
  - { name: prod, account: \"222222222222\", region: eu-west-1, mode: act }
defaults: { cluster: \"{environment}-c\", capacity: { min: 1, max: 4 }, scaling: { cpu: 70% } }
services: { web: {}, worker: {}, big: { capacity: { max: 9 } } }
remedies:
  hot: { when: { alarm: \"{service}-cpu\" }, do: scale-out, add: 1 }
";

    fn fleet() -> Fleet {
        parse(FILE, "headroom.yaml").expect("right")
    }

    #[test]
    fn services_that_are_alike_share_a_profile_whatever_their_names() {
        let text = fleet().to_json().expect("JSON");
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(json["services"]["profiles"].as_array().map(Vec::len), Some(4), "two modes, two bounds: {text}");
        let named = |service: &str| format!("\n      {{\"environment\":\"prod\",\"name\":\"{service}\"");
        assert!(["web", "worker", "big"].iter().all(|s| text.contains(&named(s))), "one line each: {text}");
        let read = Fleet::from_json(&text).expect("reads");
        assert_eq!(read, fleet());
        let web = read.services.last().expect("services");
        let crate::fleet::When::Alarm { alarm } = &web.remedies[0].when else { panic!("{web:?}") };
        assert!(alarm.is(web, "big-cpu") && !alarm.is(&read.services[0], "big-cpu"));
    }

    #[test]
    fn another_version_and_a_broken_text_say_what_to_do() {
        let text = fleet().to_json().expect("JSON");
        for (from, to, says) in [
            ("\"version\": 2", "\"version\": 1", "version 1 found, 2 expected"),
            ("\"profile\":0", "\"profile\":9", "profile 9 of"),
            ("\"environment\":\"staging\"", "\"environment\":\"stag\"", "environment `stag` of web"),
            ("\"mode\":", "\"moed\":", "unknown field `moed`"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let error = Fleet::from_json(&changed).expect_err(says);
            assert!(error.starts_with("compiled fleet: ") && error.contains(says), "{error}");
        }
        let old = r#"{"version": 1, "services": [{"name": "web"}]}"#;
        assert!(Fleet::from_json(old).expect_err("old").contains("run `headroom compile` of this release again"));
    }
}
