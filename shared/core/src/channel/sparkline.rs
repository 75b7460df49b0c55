//! A time series as one line of text.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One bar a value, from the least to the most of them; equal values are all in the middle, and what is no number is
/// a gap.
#[must_use]
pub fn sparkline(values: &[f64]) -> String {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let (least, most) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let steps = (BARS.len() - 1) as f64;
    let bar = |value: &f64| {
        if !value.is_finite() {
            return ' ';
        }
        let height = if most > least { (value - least) / (most - least) * steps } else { steps / 2.0 };
        // Between 0 and 7 by construction; a cast of what is not saturates.
        BARS.get(height.round() as usize).copied().unwrap_or(' ')
    };
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_is_the_lowest_bar_and_the_most_the_highest() {
        assert_eq!(sparkline(&[50.0, 60.0, 95.0, 85.0]), "▁▃█▆");
        assert_eq!(sparkline(&[3.0, 3.0]), "▅▅");
        assert_eq!(sparkline(&[1.0, f64::NAN, 2.0]), "▁ █");
        assert_eq!(sparkline(&[f64::MAX, f64::MIN]).chars().count(), 2);
        assert_eq!(sparkline(&[]), "");
    }
}
