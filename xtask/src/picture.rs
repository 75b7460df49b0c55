//! A picture of a thread for the README, drawn from the golden messages: what it shows is what is sent.

use headroom_core::channel::slack::seen;
use serde_json::Value;

/// The golden messages.
const GOLDEN: &str = include_str!("../../tests/channels/slack.json");
/// The first message as it was, a page in its thread, and the first message as it is in the end.
const SHOWN: [(&str, &str, u32); 3] = [
    ("opened", "first message", 0),
    ("did-not-help", "in its thread, and in the channel", 40),
    ("closed", "the first message, edited", 0),
];
const WIDTH: u32 = 860;
const LINE: u32 = 19;
const PAD: u32 = 14;
/// Characters of a line; at 13 px one is about 7 px wide.
const LINE_CHARS: usize = 108;
/// Lines of a message; the long ones end earlier than in Slack.
const LINES_MAX: usize = 9;

/// The SVG; the error names what the golden file lacks.
pub(crate) fn picture() -> Result<String, String> {
    let golden: Value = serde_json::from_str(GOLDEN).map_err(|error| error.to_string())?;
    let mut y = PAD;
    let mut drawn = String::new();
    for (kind, place, indent) in SHOWN {
        let body = golden.get(kind).ok_or_else(|| format!("no golden message {kind}"))?;
        let colour = body.pointer("/attachments/0/color").and_then(Value::as_str).unwrap_or("#9e9e9e");
        let text = seen(body);
        let (title, lines) = text.split_once('\n').unwrap_or((text.as_str(), ""));
        let lines: Vec<String> = lines.lines().flat_map(|line| wrapped(line, indent)).collect();
        let shown = if lines.len() > LINES_MAX { LINES_MAX } else { lines.len() };
        let x = PAD + indent;
        drawn += &text_at(
            x,
            y + LINE,
            &format!("<tspan font-weight=\"bold\">Headroom</tspan> <tspan fill=\"#777\">{place}</tspan>"),
        );
        drawn += &text_at(x, y + 2 * LINE, &escaped(title));
        let (top, height) = (y + 2 * LINE + 8, LINE * u32::try_from(shown).unwrap_or(0) + 4);
        drawn += &format!("<rect x=\"{x}\" y=\"{top}\" width=\"4\" height=\"{height}\" rx=\"2\" fill=\"{colour}\"/>\n");
        for (n, line) in (1..).zip(&lines[..shown]) {
            drawn += &text_at(x + 14, top + n * LINE - 4, &bold(line));
        }
        y = top + height + PAD;
    }
    let font = "font-family=\"Lato, 'Helvetica Neue', Arial, sans-serif\" font-size=\"13\" fill=\"#1d1c1d\"";
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{y}\" viewBox=\"0 0 {WIDTH} {y}\" {font}>\n\
         <title>A thread of Headroom in Slack</title>\n<rect width=\"{WIDTH}\" height=\"{y}\" rx=\"8\" fill=\"#fff\" stroke=\"#ddd\"/>\n{drawn}</svg>\n"
    ))
}

fn text_at(x: u32, y: u32, inner: &str) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" xml:space=\"preserve\">{inner}</text>\n")
}

/// Slack's bold of a label.
fn bold(line: &str) -> String {
    let label = line.strip_prefix('*').and_then(|rest| rest.split_once('*'));
    match label {
        Some((label, rest)) => format!("<tspan font-weight=\"bold\">{}</tspan>{}", escaped(label), escaped(rest)),
        None => escaped(line),
    }
}

fn wrapped(line: &str, indent: u32) -> Vec<String> {
    let most = LINE_CHARS.saturating_sub(indent as usize / 7);
    let mut lines = vec![String::new()];
    for word in line.split_inclusive(' ') {
        let last = lines.last().map_or(0, |last| last.chars().count());
        if last > 0 && last + word.chars().count() > most {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            last.push_str(&word.chars().take(most).collect::<String>());
        }
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_shows_the_titles_of_the_golden_messages() {
        let (drawn, golden) = (picture().unwrap(), serde_json::from_str::<Value>(GOLDEN).unwrap());
        for (kind, ..) in SHOWN {
            let title = escaped(seen(&golden[kind]).lines().next().unwrap_or_default());
            assert!(!title.is_empty() && drawn.contains(&title), "{kind}");
        }
        assert!(!drawn.contains("<!date"), "a token is nothing to look at");
    }
}
