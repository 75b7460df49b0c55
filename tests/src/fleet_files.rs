//! Fleet files as people write them: the examples, five edits of one line, and planted mistakes with golden output.

use std::path::{Path, PathBuf};

use headroom_core::fleet::{self, AlertKind, Fleet, Mode, NoteKind, Problem, Source, Watch, WhileHigh};
use headroom_core::notice::Severity;

const LANGFUSE: &str = include_str!("../../examples/langfuse/headroom.yaml");
const OPENWEBUI: &str = include_str!("../../examples/openwebui/headroom.yaml");
const OPENWAN: &str = include_str!("../../examples/openwan/headroom.yaml");
const GOOD: &str = include_str!("../fixtures/fleets/good.yaml");

fn fleets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fleets")
}

fn langfuse(text: &str) -> Fleet {
    fleet::parse(text, "headroom.yaml").unwrap_or_else(|problems| panic!("{}", printed(&problems)))
}

fn printed(problems: &[Problem]) -> String {
    problems.iter().map(|p| format!("{p}\n")).collect()
}

/// Compares with the file beside; `UPDATE_GOLDEN=1` writes it instead.
fn golden(path: &Path, actual: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, actual).expect("golden file is written");
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(actual, expected, "{} differs; UPDATE_GOLDEN=1 writes it anew", path.display());
}

#[test]
fn every_planted_mistake_is_reported_with_its_place_and_an_example() {
    let mut seen = 0;
    for entry in std::fs::read_dir(fleets().join("bad")).expect("bad files") {
        let path = entry.expect("entry").path();
        if path.extension().is_none_or(|e| e != "yaml") {
            continue;
        }
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("reads");
        let problems = fleet::parse(&text, &name).expect_err(&name);
        assert!(problems.iter().all(|p| p.line > 0 && p.column > 0 && !p.expected.is_empty()), "{name}");
        golden(&path.with_extension("txt"), &printed(&problems));
        assert!(!format!("{problems:?}").contains("NEVERTELL"), "{name}");
        seen += 1;
    }
    assert!(seen >= 30, "{seen} bad files");
}

#[test]
fn every_warning_is_given_once_and_right_files_give_none() {
    let text = include_str!("../fixtures/fleets/warned/as_a_colleague.yaml");
    let warnings = |text: &str| {
        let parsed = fleet::read(Source { name: "f", text }, None).unwrap_or_else(|p| panic!("{}", printed(&p)));
        let all = parsed.notes.into_iter().filter(|n| n.kind == NoteKind::Warning);
        all.map(|n| format!("{} {} {}: {}\n", n.line, n.path, n.services.join(" "), n.text)).collect::<String>()
    };
    golden(&fleets().join("warned/as_a_colleague.txt"), &warnings(text));
    for right in [LANGFUSE, OPENWEBUI, OPENWAN, GOOD] {
        assert_eq!(warnings(right), "");
    }
}

/// Every file below the project's own folders with this ending.
fn files(ending: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders: Vec<PathBuf> =
        ["docs", "examples", "demo", "infra", "cli", "shared", "functions"].map(|f| root.join(f)).into();
    let mut found: Vec<PathBuf> = std::fs::read_dir(&root).expect("root").map(|e| e.expect("entry").path()).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.retain(|path| path.extension().is_some_and(|e| e == ending));
    found.sort();
    found
}

/// The blocks of a page that are marked as YAML, each with the number of its first line.
fn yaml_blocks(page: &str) -> Vec<(usize, String)> {
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(page.lines()) {
        match (open, line.trim()) {
            (false, "```yaml") => {
                blocks.push((number + 1, String::new()));
                open = true;
            }
            (true, "```") => open = false,
            (true, _) => blocks.iter_mut().last().expect("a block is open").1 += &format!("{line}\n"),
            (false, _) => {}
        }
    }
    blocks
}

#[test]
fn every_fleet_file_in_pages_and_examples_is_right() {
    let mut seen = Vec::new();
    let mut check = |name: String, text: &str| {
        let parsed = fleet::read(Source { name: &name, text }, None);
        let parsed = parsed.unwrap_or_else(|problems| panic!("{}", printed(&problems)));
        assert!(parsed.notes.iter().all(|n| n.kind != NoteKind::Warning), "{name}: {:?}", parsed.notes);
        seen.push(name);
    };
    for path in files("md") {
        for (line, block) in yaml_blocks(&std::fs::read_to_string(&path).expect("a page")) {
            // A part of a file is shown in text blocks: what is marked as YAML is a whole one.
            check(format!("{}:{line}", path.display()), &block);
        }
    }
    for path in files("yaml").into_iter().chain(files("yml")) {
        let text = std::fs::read_to_string(&path).expect("a file");
        if text.lines().any(|line| line.starts_with("fleet:")) {
            check(path.display().to_string(), &text);
        }
    }
    assert!(["README.md", "langfuse", "openwebui", "openwan"].iter().all(|n| seen.iter().any(|s| s.contains(n))));
}

#[test]
fn no_secret_is_repeated_whatever_is_wrong_around_it() {
    let channel = "  ops: { kind: email, address: ops@example.com }\n";
    assert_eq!(GOOD.matches(channel).count(), 1);
    for bad in [
        "  ops: { kind: slack, channel: \"#ops\", token: NEVERTELL }\n",
        "  ops: { kind: slack, channel: \"#ops\", token: !secret NEVERTELL }\n",
        "  ops: { kind: slack, channel: \"#ops\", token: a: NEVERTELL }\n",
        "  ops: { kind: slack, channel: \"#ops\", token: \"NEVERTELL\\q\" }\n",
        "  ops: { kind: slack, channel: \"#ops\", token: NEVERTELL, token: NEVERTELL }\n",
        "  ops: { kind: slack, channel: \"#ops\", token: [NEVERTELL\n",
        "  ops: { kind: slack, channel: NEVERTELL, token: \"ssm:NEVERTELL\" }\n",
        "  ops: NEVERTELL\n",
        "  - NEVERTELL\n",
        "  NEVERTELL\n",
        "  ops: { kind: NEVERTELL, webhook: NEVERTELL }\n",
    ] {
        let problems = fleet::parse(&GOOD.replace(channel, bad), "f").expect_err(bad);
        let said = format!("{problems:?}{}", printed(&problems));
        assert!(!problems.is_empty() && !said.contains("NEVERTELL"), "{bad}{said}");
    }
}

#[test]
fn the_file_that_mistakes_are_planted_in_is_right() {
    let fleet = langfuse(GOOD);
    assert_eq!(fleet.services.len(), 4);
}

#[test]
fn several_mistakes_in_one_file_are_all_reported() {
    let text = include_str!("../fixtures/fleets/bad/several_at_once.yaml");
    let problems = fleet::parse(text, "f").expect_err("four mistakes");
    assert_eq!(problems.len(), 4, "{}", printed(&problems));
}

#[test]
fn the_langfuse_file_is_the_twelve_services_with_their_bounds() {
    let fleet = langfuse(LANGFUSE);
    let mut expected = Vec::new();
    for environment in ["staging", "prod-eu", "prod-us", "prod-hipaa"] {
        let min = if environment == "staging" { 1 } else { 2 };
        for (service, max, ceiling) in [("web", 10, 15), ("web-ingestion", 15, 20), ("web-iso", 10, 15)] {
            let id = format!("service/{environment}-cluster/{environment}-{service}");
            expected.push((id, min, max, ceiling));
        }
    }
    let bounds = |s: &fleet::Service| (s.resource_id(), s.capacity.min, s.capacity.max, s.capacity.ceiling);
    assert_eq!(fleet.services.iter().map(bounds).collect::<Vec<_>>(), expected);
}

#[test]
fn the_langfuse_file_is_short_and_has_no_anchors() {
    assert!(LANGFUSE.lines().count() <= 80);
    assert!(LANGFUSE.lines().all(|l| l.chars().count() <= 120));
    assert!(!LANGFUSE.contains(['&', '*']));
}

#[test]
fn a_remedy_is_never_bolder_than_its_service() {
    let fleet = langfuse(LANGFUSE);
    for service in &fleet.services {
        assert!(service.remedies.iter().all(|r| r.mode <= service.mode), "{}", service.label());
        let hipaa = service.environment == "prod-hipaa";
        assert_eq!(service.mode, if hipaa { Mode::Suggest } else { Mode::Act });
        assert!(service.remedies.iter().filter(|r| r.name == "at-max").all(|r| r.mode == Mode::Suggest));
    }
}

#[test]
fn five_edits_are_one_line_each() {
    let edit = |from: &str, to: &str| {
        assert_eq!(LANGFUSE.matches(from).count(), 1, "{from}");
        langfuse(&LANGFUSE.replace(from, to))
    };
    let find = |fleet: &Fleet, label: &str| {
        fleet.services.iter().find(|s| s.label() == label).cloned().unwrap_or_else(|| panic!("{label}"))
    };

    let other_max = edit("  web: {}\n", "  web: { capacity: { max: 12 } }\n");
    assert_eq!(find(&other_max, "prod-eu/web").capacity.max, 12);
    assert_eq!(find(&other_max, "prod-eu/web-iso").capacity.max, 10);

    let line = "  - { name: prod-ap, account: \"555555555555\", region: ap-southeast-2 }\n";
    let new_environment = edit("\ndefaults:", &format!("{line}\ndefaults:"));
    assert_eq!(new_environment.services.len(), 15);
    assert_eq!(find(&new_environment, "prod-ap/web").mode, Mode::Observe);

    let observing = edit("region: eu-west-1, mode: act, soak: 24h", "region: eu-west-1, mode: observe, soak: 24h");
    assert_eq!(find(&observing, "prod-eu/web").mode, Mode::Observe);
    assert_eq!(find(&observing, "prod-us/web").mode, Mode::Act);

    let one_off = edit("  web: {}\n", "  web: { in: { staging: { remedies: [slow, at-max, bad-deployment] } } }\n");
    let names = |s: &fleet::Service| s.remedies.iter().map(|r| r.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&find(&one_off, "staging/web")), ["slow", "at-max", "bad-deployment"]);
    assert_eq!(names(&find(&one_off, "prod-eu/web")).len(), 4);

    let other_target = edit("  web-iso: {}\n", "  web-iso: { scaling: { cpu: 60% } }\n");
    let iso = find(&other_target, "prod-us/web-iso");
    assert_eq!(iso.scaling.cpu, Some(60.0));
    assert_eq!(iso.remedies[0].sizing, Some(fleet::Sizing::Ratio { target: 60.0 }));
    assert_eq!(find(&other_target, "prod-us/web").scaling.cpu, Some(70.0));
}

#[test]
fn what_no_function_acts_on_yet_is_said() {
    for (text, paths) in
        [(LANGFUSE, vec!["environments[0].soak"]), (OPENWEBUI, vec!["dependencies", "switches", "costs"])]
    {
        let parsed = fleet::read(Source { name: "f", text }, None).expect("right");
        for path in paths {
            assert!(parsed.notes.iter().any(|n| n.path == path && n.kind == NoteKind::NotYet), "{path}");
        }
    }
}

#[test]
fn limits_soak_and_blame_are_compiled_with_their_values() {
    let fleet = langfuse(LANGFUSE);
    let hours: Vec<u32> = fleet.environments.iter().map(|e| e.soak.0 / 3_600).collect();
    assert_eq!(hours, [48, 24, 24, 24]);
    let limits = &fleet.limits;
    assert_eq!((limits.rollbacks_per_day_service, limits.rollbacks_per_day_environment), (1, 2));
    assert_eq!(limits.added_cost_per_day_usd, Some(50.0));
    for remedy in fleet.services.iter().flat_map(|s| &s.remedies) {
        let blame = remedy.rollback.map(|r| (r.deployed_within.0, r.requests_min));
        assert_eq!(blame, (remedy.name == "bad-deployment").then_some((3_600, 500)), "{}", remedy.name);
    }
    let started: Vec<_> = langfuse(OPENWEBUI).services.iter().map(|s| s.capacity.start).collect();
    assert_eq!(started, [Some(3), None]);
}

#[test]
fn schedules_dependencies_and_alerts_are_compiled_with_their_values() {
    let fleet = langfuse(LANGFUSE);
    for service in &fleet.services {
        let names: Vec<&str> = fleet.schedules_of(service).map(|schedule| schedule.name.as_str()).collect();
        let busy = ["prod-eu", "prod-us"].contains(&service.environment.as_str()) && service.name != "web-iso";
        assert_eq!(names, if busy { vec!["office-hours"] } else { vec![] }, "{}", service.label());
    }
    let late = fleet.alerts.get(AlertKind::PrewarmLate);
    let loud: Vec<_> = fleet.environments.iter().map(|e| late.severity_in(e.is_production())).collect();
    assert_eq!(loud, [Severity::Warn, Severity::Page, Severity::Page, Severity::Page]);
    assert_eq!(fleet.alerts.get(AlertKind::StillHigh).after.map(|s| s.0), Some(600));

    let openwebui = langfuse(OPENWEBUI);
    let redis: Vec<_> = openwebui.dependencies_of(&openwebui.services[0]).collect();
    assert_eq!(redis.iter().map(|d| (d.name.as_str(), d.severity)).collect::<Vec<_>>(), [("redis", Severity::Page)]);
    assert_eq!(redis[0].while_high, [WhileHigh::NoScaleOut, WhileHigh::NoRollback]);
    assert_eq!(openwebui.dependencies_of(&openwebui.services[1]).count(), 0);
}

#[test]
fn a_slice_has_the_schedules_and_dependencies_of_its_environment_only() {
    let text = LANGFUSE.replace(
        "\nlimits:",
        "\ndependencies:\n  db: { alarm: \"{environment}-db\", while_high: [no-scale-out] }\n\nlimits:",
    );
    let fleet = langfuse(&text);
    let alarms = |fleet: &Fleet| fleet.dependencies.iter().map(|d| d.watch.clone()).collect::<Vec<_>>();
    assert_eq!(alarms(&fleet).len(), 4);
    let staging = fleet.clone().slice("staging").expect("staging");
    assert!(staging.schedules.is_empty());
    assert_eq!(alarms(&staging), [Watch::Alarm { alarm: "staging-db".into() }]);
    let europe = fleet.slice("prod-eu").expect("prod-eu");
    assert_eq!(europe.schedules.iter().map(|s| s.environments.clone()).collect::<Vec<_>>(), [["prod-eu"]]);
}

#[test]
fn the_nearer_level_replaces_the_dependencies_of_a_farther_one() {
    let text = OPENWEBUI.replace("webUIcluster2 }", "webUIcluster2, depends_on: [redis] }");
    let names = |text: &str| -> Vec<Vec<String>> {
        langfuse(text).services.into_iter().map(|service| service.depends_on).collect()
    };
    assert_eq!(names(OPENWEBUI), [vec!["redis".to_owned()], vec![]]);
    assert_eq!(names(&text), [["redis"], ["redis"]]);
    assert_eq!(names(&text.replace("    remedies: []\n", "    depends_on: []\n")), [vec!["redis".to_owned()], vec![]]);
}

#[test]
fn a_service_without_scalable_target_gets_no_remedy_that_needs_one() {
    let text = OPENWEBUI.replace("    remedies: []\n", "");
    let parsed = fleet::read(Source { name: "f", text: &text }, None).expect("right");
    let old = parsed.fleet.services.iter().find(|s| s.name == "webui3").expect("webui3");
    assert_eq!(old.remedies.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["memory-high"]);
    assert_eq!(parsed.notes.iter().filter(|n| n.text.starts_with("webui3: ")).count(), 2);
}

#[test]
fn overrides_change_times_and_nothing_else() {
    let overrides = include_str!("../../demo/overrides.yaml");
    let base = langfuse(LANGFUSE);
    let mut short = fleet::parse_with_overrides(LANGFUSE, "headroom.yaml", overrides, "o.yaml").expect("right");
    for (service, before) in short.services.iter_mut().zip(&base.services) {
        let (remedy, before) = (&mut service.remedies[0], &before.remedies[0]);
        let times = [remedy.lease, remedy.release_delay, remedy.cooldown, remedy.native_first].map(|s| s.0);
        assert_eq!(times, [30, 0, 10, 10]);
        remedy.clone_from(before);
    }
    assert_eq!(short, base);
    for bad in ["services: {}", "remedies: { cpu: { lease: 30s } }", "remedies: { cpu-high: { mode: act } }"] {
        let problems = fleet::parse_with_overrides(LANGFUSE, "f", bad, "o.yaml").expect_err(bad);
        assert!(problems.iter().all(|p| p.file == "o.yaml"), "{bad}");
    }
}

/// A small generator of fleet files that are right: the same seed gives the same file.
fn generated(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut below = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let mut text = "version: 1\nfleet: generated\nenvironments:\n".to_owned();
    let environments = 1 + below(4);
    for e in 0..environments {
        let mode = ["observe", "suggest", "act"][below(3) as usize];
        text +=
            &format!("  - {{ name: env-{e}, account: \"{e:012}\", region: eu-west-{}, mode: {mode} }}\n", 1 + below(3));
    }
    text += "defaults: { cluster: \"{environment}-c\", service: \"{environment}-{name}\", capacity: { min: 1, max: 9 }, \
             scaling: { cpu: 70% } }\nservices:\n";
    for s in 0..1 + below(6) {
        let (min, room, above) = (below(5), below(9), below(4));
        let max = min + room + 1;
        let capacity = format!("{{ min: {min}, max: {max}, ceiling: {} }}", max + above);
        let inside = format!("{{ env-{}: {{ scaling: {{ cpu: {}% }} }} }}", below(environments), 50 + below(41));
        text += &format!("  s-{s}: {{ capacity: {capacity}, in: {inside} }}\n");
    }
    text += &format!(
        "remedies:\n  hot:\n    when: {{ metric: cpu, above: {}.5%, for: {}m }}\n    do: scale-out\n    size: ratio\n    \
         lease: {}m\n",
        70 + below(29),
        1 + below(10),
        1 + below(60)
    );
    text
}

#[test]
fn compiling_is_deterministic_and_comes_back_the_same() {
    for text in (0..200).map(generated).chain([LANGFUSE.to_owned(), OPENWEBUI.to_owned(), GOOD.to_owned()]) {
        let fleet = langfuse(&text);
        let json = fleet.to_json().expect("JSON");
        assert_eq!(json, langfuse(&text).to_json().expect("JSON"));
        assert_eq!(Fleet::from_json(&json), Ok(fleet.clone()));
        let parts: usize =
            fleet.environments.iter().map(|e| fleet.clone().slice(&e.name).map_or(0, |f| f.services.len())).sum();
        assert_eq!(parts, fleet.services.len(), "slices are the whole");
        assert!(
            fleet.services.iter().all(|s| s.capacity.min <= s.capacity.max && s.capacity.max <= s.capacity.ceiling)
        );
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    for text in [LANGFUSE, OPENWEBUI] {
        let chars: Vec<char> = text.chars().collect();
        for cut in (0..chars.len()).step_by(37) {
            let mut text: String = chars[..cut].iter().collect();
            let _ = fleet::parse(&text, "f");
            text.extend(&chars[(cut + 5).min(chars.len())..]);
            let _ = fleet::parse(&text, "f");
        }
    }
}
