//! Tasks that are added and removed in turn.

/// Turns in a series of counts: each time it goes down after it went up, or up after down. Steps that change nothing
/// count for nothing.
#[must_use]
pub fn turns(counts: impl IntoIterator<Item = f64>) -> u32 {
    let mut turns = 0_u32;
    let (mut last, mut rising): (Option<f64>, Option<bool>) = (None, None);
    for count in counts {
        let step = last.map_or(0.0, |last| count - last);
        if step != 0.0 && step.is_finite() {
            let rises = step > 0.0;
            turns = turns.saturating_add(u32::from(rising.is_some_and(|before| before != rises)));
            rising = Some(rises);
        }
        last = Some(count);
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_a_change_of_direction_and_nothing_else() {
        for (counts, expected) in [
            (&[2.0, 3.0, 4.0, 6.0][..], 0),
            (&[2.0, 4.0, 2.0], 1),
            (&[2.0, 4.0, 4.0, 2.0, 2.0, 4.0], 2),
            (&[4.0, 3.0, 2.0, 2.0], 0),
            (&[], 0),
        ] {
            assert_eq!(turns(counts.iter().copied()), expected, "{counts:?}");
        }
    }
}
