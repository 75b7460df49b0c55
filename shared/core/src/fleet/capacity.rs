//! `capacity`: the bounds of a service in tasks, or `fixed` for a service without a scalable target.

use serde_json::Value as Json;

use super::compiled::Capacity;
use super::count;
use super::node::{At, Node, Place};
use super::not_yet;
use super::problem::Findings;
use super::schema::{self, Key};

const EXAMPLE: &str = "capacity: { min: 2, max: 10, ceiling: 15 }";
/// Bounds; `fixed` stands alone.
const BOUNDS: [Key; 4] = [
    Key("min", "Lowest number of tasks at rest.", count::tasks_schema),
    Key("max", "Highest number that Application Auto Scaling may reach by itself.", count::tasks_some_schema),
    Key("ceiling", "Above max: no lease passes it; left out, it is max.", count::tasks_some_schema),
    Key("start", "Desired count when the service is created, from min to max.", count::tasks_schema),
];
const FIXED: Key =
    Key("fixed", "A service without scalable target: this desired count, set directly.", count::tasks_schema);
const KEYS: [Key; 5] = [BOUNDS[0], BOUNDS[1], BOUNDS[2], BOUNDS[3], FIXED];

/// The definition that every level shares.
pub(crate) const DEFINITION: (&str, fn() -> Json) = ("capacity", || {
    let rules = vec![schema::beside(FIXED.0, schema::without(&schema::names(&BOUNDS)))];
    schema::with(schema::shown(schema::mapping(&KEYS, &[]), EXAMPLE), rules)
});

/// What one level of the file says about the bounds.
#[derive(Debug, Clone, Default)]
pub(crate) struct CapacityLayer {
    min: Option<At<u32>>,
    max: Option<At<u32>>,
    ceiling: Option<At<u32>>,
    start: Option<At<u32>>,
    fixed: Option<At<u32>>,
}

/// Bounds with what the compiled form does not say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) capacity: Capacity,
    /// No scalable target: Application Auto Scaling knows nothing of the service.
    pub(crate) fixed: bool,
}

impl CapacityLayer {
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields = node.mapping(f, &KEYS, EXAMPLE)?;
        let layer = Self {
            min: fields.read_at(f, "min", count::tasks),
            max: fields.read_at(f, "max", count::tasks_some),
            ceiling: fields.read_at(f, "ceiling", count::tasks_some),
            start: fields.read_at(f, "start", count::tasks),
            fixed: fields.read_at(f, "fixed", count::tasks),
        };
        not_yet::note(&fields, "start", f);
        if let Some(fixed) = fields.entry("fixed")
            && BOUNDS.iter().any(|Key(key, ..)| fields.get(key).is_some())
        {
            f.problem(&fixed.at, "`fixed` beside bounds", "either `fixed` alone, or bounds", "capacity: { fixed: 1 }");
        }
        Some(layer)
    }

    pub(crate) fn is_fixed(&self) -> bool {
        self.fixed.is_some()
    }

    pub(crate) fn min_place(&self) -> Option<&Place> {
        self.min.as_ref().map(|min| &min.place)
    }

    pub(crate) fn max_place(&self) -> Option<&Place> {
        self.max.as_ref().map(|max| &max.place)
    }

    /// A nearer level wins member by member; `fixed` and bounds exclude each other.
    pub(crate) fn apply(&mut self, nearer: &Self) {
        if nearer.fixed.is_some() {
            *self = nearer.clone();
            return;
        }
        if [&nearer.min, &nearer.max, &nearer.ceiling, &nearer.start].into_iter().any(Option::is_some) {
            self.fixed = None;
        }
        for (mine, theirs) in [
            (&mut self.min, &nearer.min),
            (&mut self.max, &nearer.max),
            (&mut self.ceiling, &nearer.ceiling),
            (&mut self.start, &nearer.start),
        ] {
            if theirs.is_some() {
                mine.clone_from(theirs);
            }
        }
    }

    /// The bounds of one service, checked against each other. `service` is where a missing bound belongs.
    pub(crate) fn resolve(&self, label: &str, service: &Place, f: &mut Findings) -> Option<Bounds> {
        if let Some(fixed) = &self.fixed {
            let n = fixed.value;
            return Some(Bounds { capacity: Capacity { min: n, max: n, ceiling: n, start: None }, fixed: true });
        }
        let (Some(min), Some(max)) = (&self.min, &self.max) else {
            missing(label, service, self.min.is_none(), f);
            return None;
        };
        if min.value > max.value {
            let found = format!("min {} over max {} for {label}", min.value, max.value);
            f.problem(later(min, max), found, "min at most max", EXAMPLE);
            return None;
        }
        let ceiling = self.ceiling.as_ref().unwrap_or(max);
        if ceiling.value < max.value {
            let found = format!("ceiling {} under max {} for {label}", ceiling.value, max.value);
            f.problem(later(ceiling, max), found, "ceiling at least max: raise both, or leave ceiling out", EXAMPLE);
            return None;
        }
        let start = self.start.as_ref();
        if let Some(start) = start
            && !(min.value..=max.value).contains(&start.value)
        {
            let bound = if start.value < min.value { min } else { max };
            let found = format!("start {} outside min {} to max {} for {label}", start.value, min.value, max.value);
            let example = "capacity: { min: 2, max: 10, start: 3 }";
            f.problem(later(start, bound), found, "start from min to max", example);
            return None;
        }
        let (min, max, ceiling) = (min.value, max.value, ceiling.value);
        Some(Bounds { capacity: Capacity { min, max, ceiling, start: start.map(|s| s.value) }, fixed: false })
    }
}

/// A bound that could not be read was reported where it stands; a second problem would only hide the first.
fn missing(label: &str, service: &Place, min: bool, f: &mut Findings) {
    if f.problems.iter().any(|p| p.path.contains("capacity")) {
        return;
    }
    let key = if min { "min" } else { "max" };
    f.problem(service, format!("no `capacity.{key}` for {label}"), "min and max here or in `defaults`", EXAMPLE);
}

/// The one further down in the file: usually the nearer level, and the line that was just edited.
fn later<'a>(a: &'a At<u32>, b: &'a At<u32>) -> &'a Place {
    if (a.place.line, a.place.column) > (b.place.line, b.place.column) { &a.place } else { &b.place }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn layer(text: &str, f: &mut Findings) -> CapacityLayer {
        let root = yaml::load(&format!("capacity: {text}"), f).expect("YAML");
        let fields = root.fields(f, &["capacity"], "").expect("a mapping");
        fields.read(f, "capacity", CapacityLayer::read).expect("a mapping")
    }

    /// Bounds that two levels give, or the problems.
    fn two(far: &str, near: &str) -> Result<(u32, u32, u32, bool), Vec<String>> {
        let mut f = Findings::new("f");
        let mut merged = layer(far, &mut f);
        let nearer = layer(near, &mut f);
        merged.apply(&nearer);
        let service = Place { line: 9, column: 1, path: "services.web".into() };
        let bounds = merged.resolve("prod/web", &service, &mut f);
        match bounds {
            Some(b) if f.problems.is_empty() => Ok((b.capacity.min, b.capacity.max, b.capacity.ceiling, b.fixed)),
            _ => Err(f.problems.into_iter().map(|p| p.found).collect()),
        }
    }

    #[test]
    fn the_nearer_level_wins_member_by_member() {
        let far = "{ min: 2, max: 10, ceiling: 15 }";
        for (near, bounds) in [
            ("{}", (2, 10, 15, false)),
            ("{ min: 1 }", (1, 10, 15, false)),
            ("{ max: 15, ceiling: 20 }", (2, 15, 20, false)),
            ("{ fixed: 1 }", (1, 1, 1, true)),
        ] {
            assert_eq!(two(far, near), Ok(bounds), "{near}");
        }
        assert_eq!(two("{ min: 2, max: 10 }", "{}"), Ok((2, 10, 10, false)), "ceiling is max when left out");
        assert_eq!(two("{ fixed: 3 }", "{ min: 2, max: 10 }"), Ok((2, 10, 10, false)));
    }

    #[test]
    fn the_count_at_creation_is_inherited_and_gone_with_fixed() {
        for (near, start) in [("{}", Some(3)), ("{ start: 4 }", Some(4)), ("{ fixed: 1 }", None)] {
            let mut f = Findings::new("f");
            let mut merged = layer("{ min: 2, max: 10, start: 3 }", &mut f);
            merged.apply(&layer(near, &mut f));
            let service = Place { line: 9, column: 1, path: "services.web".into() };
            let bounds = merged.resolve("prod/web", &service, &mut f);
            assert_eq!(bounds.map(|b| b.capacity.start), Some(start), "{near}");
        }
    }

    #[test]
    fn bounds_that_contradict_each_other_are_refused() {
        for (far, near, found) in [
            ("{ min: 2, max: 10 }", "{ max: 1 }", "min 2 over max 1 for prod/web"),
            ("{ min: 2, max: 10, ceiling: 15 }", "{ max: 20 }", "ceiling 15 under max 20 for prod/web"),
            ("{ min: 2 }", "{}", "no `capacity.max` for prod/web"),
            ("{ min: 2, max: 0 }", "{}", "the number `0`"),
            ("{ min: 1, max: 2 }", "{ fixed: 1, max: 3 }", "`fixed` beside bounds"),
            ("{ min: 2, max: 10 }", "{ start: 1 }", "start 1 outside min 2 to max 10 for prod/web"),
            ("{ min: 2, max: 10, start: 8 }", "{ max: 6 }", "start 8 outside min 2 to max 6 for prod/web"),
        ] {
            assert_eq!(two(far, near), Err(vec![found.to_owned()]), "{far} {near}");
        }
    }
}
