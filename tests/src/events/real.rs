//! Events that nobody here wrote, when a folder of them lies beside the clone; elsewhere nothing is missing.
//! Its index says what each file is, and each must decode as it says.

use std::path::{Path, PathBuf};

use headroom_core::decoded::tell;
use headroom_core::signal::{Received, Signal, receive_bytes};
use serde_json::Value;

/// A file that is JSON.
pub(super) struct RealEvent {
    /// `ecs_task_state_change/docs_task_2023.json`.
    pub(super) name: String,
    /// Its content.
    pub(super) event: Value,
}

fn beside() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/events")
}

/// Every file that parses, in the order of the index.
pub(super) fn events() -> Vec<RealEvent> {
    let parsed = |row: Row| {
        let event = serde_json::from_slice(&row.bytes).ok()?;
        Some(RealEvent { name: format!("{}/{}", row.folder, row.file), event })
    };
    rows().into_iter().filter_map(parsed).collect()
}

/// A row of the index with its file.
struct Row {
    folder: String,
    file: String,
    /// What was computed from the file, and what its collector noted.
    says: String,
    bytes: Vec<u8>,
}

fn rows() -> Vec<Row> {
    let Ok(index) = std::fs::read_to_string(beside().join("INDEX.md")) else { return Vec::new() };
    let mut folder = "";
    let mut rows = Vec::new();
    for line in index.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            folder = title.rsplit('/').next().unwrap_or(title);
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, file, checked, special, ..] = cells.as_slice() else { continue };
        if let Ok(bytes) = std::fs::read(beside().join(folder).join(file)) {
            let says = format!("{checked}; {special}");
            rows.push(Row { folder: folder.to_owned(), file: (*file).to_owned(), says, bytes });
        }
    }
    rows
}

/// What a row promises.
enum Promise {
    /// No signal.
    None,
    /// This signal, and these words in its line.
    Signal(fn(&Signal) -> bool, Vec<String>),
}

fn promised(row: &Row) -> Promise {
    let says = |word: &str| row.says.to_lowercase().contains(word);
    // Without an account nobody knows whose it is.
    let whose = !says("lacks") && !says("\"<account_id>\"") || says("lacks version;");
    let words = |prefix: &str| -> Vec<String> {
        let words = row.says.split([';', ',', ' ']).map(str::trim).filter(|w| w.starts_with(prefix));
        words.take(1).map(str::to_owned).collect()
    };
    match row.folder.as_str() {
        "alarm_state_change" if whose => Promise::Signal(|s| matches!(s, Signal::Alarm(_)), transition(row)),
        "alarm_contributor_state_change" => {
            Promise::Signal(|s| matches!(s, Signal::Contributor(_)), vec!["contributor".into()])
        }
        "alarm_configuration_change" => Promise::Signal(|s| matches!(s, Signal::AlarmConfiguration(_)), vec![]),
        // Without a state or a time there is no transition.
        "sns_alarm" if says("masked") || says("message has only") => Promise::None,
        "sns_alarm" if says("contributor") => Promise::Signal(|s| matches!(s, Signal::Contributor(_)), vec![]),
        "sns_alarm" => {
            let doubtful = says("differs from topicarn").then(|| "by nothing".to_owned());
            Promise::Signal(|s| matches!(s, Signal::Alarm(_)), transition(row).into_iter().chain(doubtful).collect())
        }
        "lambda_alarm_action" => Promise::Signal(|s| matches!(s, Signal::Alarm(_)), transition(row)),
        "ecs_deployment_state_change" if whose => {
            Promise::Signal(|s| matches!(s, Signal::Deployment(_)), words("SERVICE_DEPLOYMENT_"))
        }
        "ecs_service_action" if whose => Promise::Signal(|s| matches!(s, Signal::ServiceAction(_)), words("SERVICE_")),
        "ecs_task_state_change" if !says("container instance") => {
            let service = says("group service:*").then(|| "of service/".to_owned());
            let none = says("no service: prefix").then(|| "of no service".to_owned());
            Promise::Signal(|s| matches!(s, Signal::Task(_)), service.into_iter().chain(none).collect())
        }
        "ecs_lifecycle_hook" if !says("codedeploy") => {
            let rollback = says("during rollback").then(|| "a rollback".to_owned());
            Promise::Signal(|s| matches!(s, Signal::HookCall(_)), rollback.into_iter().collect())
        }
        "app_autoscaling" if !says("api response") => {
            Promise::Signal(|s| matches!(s, Signal::Scaling(_)), vec!["max reached".into()])
        }
        "ec2_autoscaling" => Promise::Signal(|s| matches!(s, Signal::Ec2(_)), vec![]),
        "schedule" if !says("lacks version,detail-type") => Promise::Signal(|s| matches!(s, Signal::Tick(_)), vec![]),
        "sns_not_alarm" if says("ec2 auto scaling sns") => Promise::Signal(|s| matches!(s, Signal::Ec2(_)), vec![]),
        _ => Promise::None,
    }
}

/// `OK->ALARM` of the index, as the line says it.
fn transition(row: &Row) -> Vec<String> {
    let arrow = row.says.split([';', ',', ' ']).map(str::trim).find(|word| word.contains("->"));
    arrow.map(|word| word.replace("->", " -> ")).into_iter().collect()
}

#[test]
fn every_real_event_decodes_as_its_index_says() {
    let (mut signals, mut none) = (0, 0);
    for row in rows() {
        let received: Vec<Received> = receive_bytes(&row.bytes);
        for record in &received {
            let line = tell(record, None).to_string();
            match (promised(&row), &record.signal) {
                (Promise::None, Err(_)) => none += 1,
                (Promise::Signal(is, words), Ok(signal)) if is(signal) => {
                    signals += 1;
                    for word in words {
                        assert!(line.contains(&word), "{}/{}: no {word:?} in {line}", row.folder, row.file);
                    }
                }
                _ => panic!("{}/{} is {:?}: {line}", row.folder, row.file, row.says),
            }
        }
    }
    if beside().exists() {
        crate::golden::say(&format!("{signals} real events decoded, {none} told as none"));
        assert!(signals >= 40 && none >= 40);
    }
}

#[test]
fn a_real_release_of_a_suppression_is_an_edge() {
    for row in rows().iter().filter(|row| row.file.contains("release")) {
        let received = receive_bytes(&row.bytes);
        let Ok(Signal::Alarm(alarm)) = &received[0].signal else { panic!("{}", row.file) };
        assert!(alarm.firing() && alarm.is_edge(), "{}", row.file);
    }
}

#[test]
fn every_real_file_is_in_the_index() {
    let Ok(folders) = std::fs::read_dir(beside()) else { return };
    let listed: Vec<String> = rows().into_iter().map(|row| format!("{}/{}", row.folder, row.file)).collect();
    for folder in folders.flatten().filter(|f| f.path().is_dir()) {
        for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
            let name = format!("{}/{}", folder.file_name().to_string_lossy(), file.file_name().to_string_lossy());
            assert!(listed.contains(&name), "{name}");
        }
    }
}
