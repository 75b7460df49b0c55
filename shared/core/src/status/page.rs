//! The page: a table by environment, then what waits for the reader.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::why::{ends, why};
use crate::capacity::ServiceState;
use crate::control::Control;
use crate::entry::{Entry, Status};
use crate::fleet::{Mode, Service};
use crate::history::plain;
use crate::price;
use crate::seen::Seen;
use crate::time::{Seconds, elapsed};

/// Columns of a page; narrower terminals lose CEILING, then CPU.
pub const WIDTH: usize = 119;
/// A suggestion is open for so long.
const OPEN: Seconds = Seconds(1_800);
/// Without CEILING a page is as narrow as this.
const WITHOUT_CEILING: usize = 100;

/// A service.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// In the fleet file.
    pub service: &'a Service,
    /// In the table.
    pub state: &'a ServiceState,
    /// In AWS.
    pub seen: &'a Seen,
}

/// An environment.
#[derive(Debug, Clone)]
pub struct Environment<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its mode.
    pub mode: Mode,
    /// Its switches.
    pub control: Control,
    /// Its services, in the order of the file.
    pub rows: Vec<Row<'a>>,
    /// Why it could not be read, when it could not.
    pub unread: Option<String>,
}

/// Everything on the page.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    /// Name of the fleet.
    pub fleet: &'a str,
    /// When it was read.
    pub now: Timestamp,
    /// Its environments.
    pub environments: Vec<Environment<'a>>,
    /// Entries of the last day; the open suggestions among them wait for the reader.
    pub entries: &'a [Entry],
    /// Whether the day had more entries than were read.
    pub more: bool,
}

/// The page in so many columns. Ends with what waits for the reader.
#[must_use]
pub fn render(page: &Page<'_>, width: usize) -> String {
    let mut out = String::new();
    let _infallible = writeln!(out, "{}   {} UTC\n", page.fleet, page.now.strftime("%Y-%m-%d %H:%M"));
    let (ceiling, cpu) = (width >= WIDTH, width >= WITHOUT_CEILING);
    let mut lines = vec![header(ceiling, cpu)];
    for environment in &page.environments {
        lines.extend(table(environment, page.now, ceiling, cpu));
    }
    out.push_str(&aligned(&lines));
    for environment in &page.environments {
        for line in held_back(environment, page.now) {
            let _infallible = writeln!(out, "{}", plain(&line));
        }
    }
    out.push('\n');
    out.push_str(&leases(page));
    out.push_str(&counts(page));
    out.push_str(&waiting(page));
    out
}

/// Cells of a line; the last is not padded.
type Cells = Vec<String>;

fn header(ceiling: bool, cpu: bool) -> Cells {
    let numbers = [("CEILING", ceiling), ("CPU", cpu)].into_iter().filter(|(_, shown)| *shown).map(|(name, _)| name);
    ["ENVIRONMENT", "SERVICE", "RUN/DESIRED", "MIN..MAX"]
        .into_iter()
        .chain(numbers)
        .chain(["WHY"])
        .map(str::to_owned)
        .collect()
}

fn table(environment: &Environment<'_>, now: Timestamp, ceiling: bool, cpu: bool) -> Vec<Cells> {
    if let Some(why) = &environment.unread {
        return vec![vec![environment.name.to_owned(), format!("cannot be read: {}", plain(why))]];
    }
    let mut lines: Vec<Cells> = Vec::new();
    for row in &environment.rows {
        for (n, why) in why(row, &environment.control, now).into_iter().enumerate() {
            let mut cells = vec![String::new()];
            cells.extend(if n == 0 { numbers(row, ceiling, cpu) } else { blank(ceiling, cpu) });
            cells.push(plain(&why));
            lines.push(cells);
        }
    }
    // Name and mode stand beside the first two lines.
    while lines.len() < 2 {
        lines.push(vec![String::new()]);
    }
    for (line, text) in lines.iter_mut().zip([environment.name.to_owned(), format!("  {}", environment.mode)]) {
        if let Some(first) = line.first_mut() {
            *first = text;
        }
    }
    lines
}

fn numbers(row: &Row<'_>, ceiling: bool, cpu: bool) -> Cells {
    let unknown = || "?".to_owned();
    let service = row.seen.service.known();
    let bounds = row.seen.target.known().map(|t| format!("{}..{}", t.min, t.max));
    let mut cells = vec![
        row.service.name.clone(),
        service.map_or_else(unknown, |s| format!("{}/{}", s.running, s.desired)),
        bounds.unwrap_or_else(unknown),
    ];
    if ceiling {
        cells.push(row.service.capacity.ceiling.to_string());
    }
    if cpu {
        cells.push(row.seen.load.known().map_or_else(unknown, |load| format!("{:.0} %", load.value)));
    }
    cells
}

fn blank(ceiling: bool, cpu: bool) -> Cells {
    vec![String::new(); 3 + usize::from(ceiling) + usize::from(cpu)]
}

fn aligned(lines: &[Cells]) -> String {
    // A line that is no row of the table, as of an environment that cannot be read, widens no column.
    let columns = lines.first().map_or(0, Vec::len);
    let of = |column: usize| lines.iter().filter(move |l| l.len() == columns).filter_map(move |l| l.get(column));
    let widths: Vec<usize> =
        (0..columns).map(|column| of(column).map(|cell| cell.chars().count()).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths).enumerate().map(|(n, (cell, width))| match n {
            0 | 1 => format!("{cell:<width$}"),
            _ if n + 1 == columns => cell.clone(),
            _ => format!("{cell:>width$}"),
        });
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// What is stopped or paused as a whole.
fn held_back(environment: &Environment<'_>, now: Timestamp) -> Vec<String> {
    let name = environment.name;
    let control = &environment.control;
    let by = control.stopped_by().map(|s| format!(" by {}", s.by)).unwrap_or_default();
    let stopped =
        control.stopped.then(|| format!("{name} is STOPPED{by}: nothing is changed, bounds stay as they are"));
    let whole = control.pauses.iter().filter(|p| p.service.is_none() && p.until.is_none_or(|until| until > now));
    let paused = whole.map(|pause| {
        let what = pause.remedy.as_ref().map(|remedy| format!(" remedy {remedy}")).unwrap_or_default();
        format!("{name}{what} is paused {} ({})", ends(pause.until, now), pause.by)
    });
    stopped.into_iter().chain(paused).collect()
}

/// How much the leases add, and what that costs at most.
fn leases(page: &Page<'_>) -> String {
    let rows = || page.environments.iter().flat_map(|e| &e.rows);
    let count: usize = rows().map(|row| row.state.live().count()).sum();
    let (mut tasks, mut usd) = (0_u32, 0.0);
    for row in rows() {
        let Some(kept) = &row.state.kept else { continue };
        let floor = row.state.live().filter(|l| !l.overridden.min).filter_map(|l| l.floor).max().unwrap_or(0);
        let added = floor.saturating_sub(kept.min.base);
        tasks = tasks.saturating_add(added);
        usd += row.service.task.as_ref().map_or(0.0, |task| price::task_hour(task) * f64::from(added));
    }
    match (count, tasks) {
        (0, _) => "leases 0\n".to_owned(),
        (_, 0) => format!("leases {count}\n"),
        (_, _) => format!("leases {count}: floors +{tasks} tasks over baseline, at most {usd:.2} USD/h\n"),
    }
}

/// What came of the day's decisions.
fn counts(page: &Page<'_>) -> String {
    let count = |status: Status| page.entries.iter().filter(|e| e.status == status).count();
    let [acted, refused, failed] = [Status::Acted, Status::Refused, Status::Failed].map(count);
    let least = if page.more { "at least " } else { "" };
    format!("last 24 h: {least}{acted} acted, {refused} refused, {failed} failed\n")
}

/// The line that the person on call came for.
fn waiting(page: &Page<'_>) -> String {
    // One that the reconciler has not closed yet is no longer open either.
    let young = |e: &&Entry| elapsed(e.at, page.now) <= OPEN;
    let open = page.entries.iter().filter(|e| e.status == Status::Suggested).filter(young);
    let open: Vec<String> = open
        .map(|e| match e.watch {
            Some(_) => format!("  {}: headroom explain {}", e.label, e.decision),
            None => format!("  {} {}: headroom apply {}", e.label, e.remedy, e.decision),
        })
        .collect();
    let lines: String = open.iter().map(|line| format!("{}\n", plain(line))).collect();
    format!("waiting for you {}\n{lines}", open.len())
}
