//! Each source's pattern selects its own fixtures and no other's. The patterns are also written out, for the local
//! stack's `TestEventPattern` to be asked the same question (`tests/e2e/test_patterns.py`).

use std::collections::BTreeMap;

use headroom_core::signal::{By, SOURCES, Source};
use serde_json::Value;

use super::fixtures::{all, slug};
use super::pattern::matches;
use crate::golden;

fn with_patterns() -> Vec<(&'static Source, Value)> {
    SOURCES.iter().filter_map(|source| Some((source, source.pattern?()))).collect()
}

#[test]
fn every_pattern_matches_its_own_fixtures_and_none_of_the_others() {
    let fixtures = all();
    for (source, pattern) in with_patterns() {
        let mut own = 0;
        // What is malformed may match its own pattern, for a pattern compares nothing; never another's.
        for fixture in fixtures.iter().filter(|f| !f.malformed() || f.folder() != slug(source.name)) {
            let expected = fixture.folder() == slug(source.name) && !fixture.left_out();
            assert_eq!(
                matches(&pattern, &fixture.event),
                expected,
                "{} and the pattern of {}",
                fixture.name,
                source.name
            );
            own += usize::from(expected);
        }
        assert!(own > 0, "{}", source.name);
    }
}

#[test]
fn what_a_pattern_leaves_out_on_purpose_is_decoded_all_the_same() {
    for fixture in all().iter().filter(|f| f.left_out()) {
        let source = SOURCES.iter().find(|s| slug(s.name) == fixture.folder());
        assert!(source.is_some_and(|s| s.pattern.is_some()), "{}: no pattern leaves it out", fixture.name);
        assert!(headroom_core::signal::decode(&fixture.event).is_ok(), "{}", fixture.name);
    }
}

#[test]
fn a_pattern_names_the_source_and_detail_type_that_its_decoder_reads() {
    for (source, pattern) in with_patterns() {
        let By::Envelope(from, types) = source.by else { panic!("{} has no envelope to select by", source.name) };
        assert_eq!(pattern["source"], serde_json::json!([from]), "{}", source.name);
        assert_eq!(pattern["detail-type"], serde_json::json!(types), "{}", source.name);
    }
}

#[test]
fn the_patterns_are_written_out_for_the_local_stack() {
    let patterns: BTreeMap<String, Value> =
        with_patterns().into_iter().map(|(source, pattern)| (slug(source.name), pattern)).collect();
    golden::compare("fixtures/events/patterns.json", &format!("{:#}\n", serde_json::json!(patterns)));
}
