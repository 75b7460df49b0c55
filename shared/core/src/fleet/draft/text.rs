//! The lines of a draft.

use super::defaults::Defaults;
use super::found::Found;
use super::gather::Gathered;
use super::names::{Affixes, replaced};
use super::quote;
use super::shape::{Entry, Shape, block, comment, item};

/// Alarms that are listed by name; of more, the number says enough.
const NAMED_MAX: usize = 20;

impl Gathered<'_> {
    /// The file.
    pub(super) fn text(&self) -> String {
        let defaults = Defaults::of(&self.services, self.remedies.names());
        [
            self.head(),
            self.environments(),
            self.defaults(&defaults),
            self.services(&defaults),
            self.remedies(),
            self.rest(),
        ]
        .concat()
    }

    fn head(&self) -> String {
        let Found { cluster, account, region, .. } = self.found;
        let cluster = quote::comment(cluster);
        let mut out =
            comment(&format!("Written by `headroom init` from ECS cluster {cluster}, account {account}, {region}."), 0);
        out += &comment(
            "Correct what is wrong, then run `headroom check` on it. `found` is what AWS had at that moment.",
            0,
        );
        let mode = "records what would be done and changes nothing in AWS; `mode: act` can wait";
        let fleet = Entry::new("fleet", Shape::Scalar(quote::scalar(&self.fleet)));
        let fleet = if self.fleet_note.is_empty() { fleet } else { fleet.beside(self.fleet_note) };
        let version = Entry::new("version", Shape::Scalar("1".to_owned()));
        out + &block(&[version, fleet, Entry::new("mode", Shape::Scalar("observe".to_owned())).beside(mode)], 0)
    }

    fn environments(&self) -> String {
        let mut out = "\nenvironments:\n".to_owned();
        if !self.environment_note.is_empty() {
            out += &comment(self.environment_note, 2);
        }
        let member = |key: &str, value: String| (key.to_owned(), Shape::Scalar(value));
        let environment = Shape::Map(vec![
            member("name", quote::scalar(&self.environment)),
            member("account", quote::quoted(&self.found.account)),
            member("region", quote::scalar(&self.found.region)),
        ]);
        out += &item(&environment, 2);
        out
    }

    fn defaults(&self, defaults: &Defaults) -> String {
        let cluster = replaced(&self.found.cluster, &self.environment, "{environment}");
        let cluster = cluster.unwrap_or_else(|| self.found.cluster.clone());
        let mut entries = vec![Entry::new("cluster", Shape::Scalar(quote::scalar(&cluster)))];
        if self.affixes != Affixes::none() {
            entries.push(Entry::new("service", Shape::Scalar(quote::scalar(&self.affixes.template))));
        }
        entries.extend(defaults.shape().into_iter().map(|(key, shape)| Entry::new(&key, shape)));
        let shared = if entries.len() > 1 {
            comment("What most services have; what differs stands at the service.", 0)
        } else {
            String::new()
        };
        format!("\n{shared}defaults:\n{}", block(&entries, 2))
    }

    fn services(&self, defaults: &Defaults) -> String {
        let entries: Vec<Entry> = self
            .services
            .iter()
            .map(|service| Entry {
                key: quote::scalar(&service.key),
                value: Shape::Map(defaults.differing(service)),
                beside: service.facts(),
                above: service.notes(),
            })
            .collect();
        let ceiling =
            "No ceiling is set, so no lease goes above max; `capacity: { max: 10, ceiling: 15 }` would let one.";
        let mut out = format!("\n{}services:\n{}", comment(ceiling, 0), block(&entries, 2));
        if !self.left_out.is_empty() {
            out += &comment("Left out:", 2);
        }
        for (name, why) in &self.left_out {
            out += &comment(&format!("{}: {why}", quote::comment(name)), 2);
        }
        out
    }

    fn remedies(&self) -> String {
        let entries = self.remedies.entries();
        if entries.is_empty() {
            let none = "No alarm of yours watches one of these services, so there is no remedy. An example, for an alarm like it:";
            let example = [
                "remedies:",
                "  cpu-high:",
                "    when: { metric: cpu, above: 85%, for: 2m }",
                "    do: scale-out",
                "    add: 1",
                "    lease: 30m",
            ];
            let example: String = example.iter().map(|line| format!("# {line}\n")).collect();
            return format!("\n{}{example}", comment(none, 0));
        }
        let told = "A remedy for each alarm that watches a service. An alarm does not say how many tasks are missing:";
        let mut out = format!("\n{}", comment(told, 0));
        for line in self.remedies.reasons() {
            out += &comment(line, 0);
        }
        out + "remedies:\n" + &block(&entries, 2)
    }

    /// Alarms that became no remedy.
    fn rest(&self) -> String {
        let left_out = &self.remedies.left_out;
        if left_out.is_empty() {
            return String::new();
        }
        let mut out = comment("Alarms that became no remedy:", 2);
        for (name, why) in left_out.iter().take(NAMED_MAX) {
            out += &comment(&format!("{}: {why}", quote::comment(name)), 2);
        }
        if left_out.len() > NAMED_MAX {
            out += &comment(&format!("and {} more", left_out.len() - NAMED_MAX), 2);
        }
        out
    }
}
