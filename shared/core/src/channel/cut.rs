//! Texts as long as a service takes them, never cut without saying so.

/// Where the whole text is read.
pub(super) fn pointer(explain: &str) -> String {
    format!("… whole: {explain}")
}

/// At most so many characters; a text that is longer ends in a pointer to the whole.
pub(super) fn cut(text: &str, chars_max: usize, explain: &str) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let pointer = pointer(explain);
    let kept = chars_max.saturating_sub(pointer.chars().count());
    text.chars().take(kept).chain(pointer.chars()).take(chars_max).collect()
}

/// One line: a control character is a space.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_points_to_the_whole_and_is_never_longer() {
        let explain = "headroom explain D-5H2WC";
        assert_eq!(cut("short", 5, explain), "short");
        let long = cut(&"é".repeat(100), 60, explain);
        assert_eq!((long.chars().count(), long.ends_with("whole: headroom explain D-5H2WC")), (60, true));
        assert_eq!(cut("abcdef", 3, explain).chars().count(), 3);
    }
}
