//! Numbers in a range as regular expressions, for the JSON Schema: a length or a percentage is a text in the file.
//!
//! What is used of them means the same to ECMA 262 (editors) and to Python (the tests).

use std::collections::BTreeSet;

/// Whole numbers from `least` to `most`, as an alternative without brackets around it; leading zeros are not in it.
pub(crate) fn whole(least: u64, most: u64) -> String {
    // Between two stops the last digits run from 0 to 9, so that one pattern of classes says it.
    let mut stops = BTreeSet::from([most]);
    let powers = || (1..=19).map_while(|n| 10_u64.checked_pow(n));
    stops.extend(powers().map(|p| least - least % p + (p - 1)).take_while(|stop| *stop < most));
    let over = most + 1;
    stops.extend(powers().map(|p| over - over % p).take_while(|stop| *stop > least).map(|stop| stop - 1));
    let mut start = least;
    let mut parts = Vec::new();
    for stop in stops {
        parts.push(classes(start, stop));
        start = stop + 1;
    }
    parts.join("|")
}

/// One class for each digit, from those of `start` to those of `stop`; the same one several times is counted.
fn classes(start: u64, stop: u64) -> String {
    let mut runs: Vec<(String, usize)> = Vec::new();
    for (a, b) in start.to_string().chars().zip(stop.to_string().chars()) {
        let class = if a == b { a.to_string() } else { format!("[{a}-{b}]") };
        match runs.last_mut() {
            Some((last, times)) if *last == class => *times += 1,
            _ => runs.push((class, 1)),
        }
    }
    let written = |(class, times): (String, usize)| if times == 1 { class } else { format!("{class}{{{times}}}") };
    runs.into_iter().map(written).collect()
}

/// A number from `least` to `most` with a unit behind it, whole or with digits after a point; 0 itself never.
pub(crate) fn decimal(least: u64, most: u64, unit: &str) -> String {
    let under = if most > least { format!("(?:{})(?:\\.[0-9]+)?|", whole(least, most - 1)) } else { String::new() };
    let not_zero = if least == 0 { format!("(?!0+(?:\\.0+)?{unit}$)") } else { String::new() };
    format!("{not_zero}0*(?:{under}{most}(?:\\.0+)?){unit}")
}

/// The whole text.
pub(crate) fn full(alternatives: &[String]) -> String {
    format!("^(?:{})$", alternatives.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_split_where_its_digits_turn_over() {
        for (least, most, pattern) in [
            (0, 9, "[0-9]"),
            (1, 1, "1"),
            (7, 24, "[7-9]|1[0-9]|2[0-4]"),
            (0, 5_000, "[0-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-4][0-9]{3}|50{3}"),
            (
                60,
                86_400,
                "6[0-9]|[7-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|8640{2}",
            ),
        ] {
            assert_eq!(whole(least, most), pattern, "{least} to {most}");
        }
    }

    /// Matches a number against classes as `classes` writes them.
    fn matches(alternatives: &str, number: u64) -> bool {
        let number = number.to_string();
        alternatives.split('|').any(|alternative| {
            let (mut rest, mut digits) = (alternative, number.as_str());
            while let Some(first) = rest.chars().next() {
                let class = if first == '[' { &rest[..5] } else { &rest[..1] };
                rest = &rest[class.len()..];
                let mut times = 1;
                if let Some((count, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
                    (times, rest) = (count.parse().expect("a number"), after);
                }
                let ends: Vec<char> = class.chars().filter(char::is_ascii_digit).collect();
                for _ in 0..times {
                    let fits = |d: char| (ends[0]..=ends[ends.len() - 1]).contains(&d);
                    let Some(left) = digits.strip_prefix(fits) else { return false };
                    digits = left;
                }
            }
            digits.is_empty()
        })
    }

    #[test]
    fn exactly_the_numbers_of_the_range_match() {
        for (least, most) in
            [(0, 0), (0, 9), (1, 100), (7, 24), (60, 1_440), (99, 101), (0, 999), (95, 2_003), (500, 500)]
        {
            let pattern = whole(least, most);
            for number in 0..=most + 1_200 {
                assert_eq!(matches(&pattern, number), (least..=most).contains(&number), "{number} in {pattern}");
            }
        }
    }
}
