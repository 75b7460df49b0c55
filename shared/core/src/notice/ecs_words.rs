//! ECS's own messages, as short as a phone shows them.

/// Its messages without what the notice says already: the service's name, ids of tasks, ARNs around names; each once.
pub(super) fn brief(messages: &[String]) -> String {
    let mut told: Vec<String> = Vec::new();
    for message in messages {
        let short = shortened(message);
        if !told.contains(&short) {
            told.push(short);
        }
    }
    told.join(" ")
}

fn shortened(message: &str) -> String {
    let mut words = Vec::new();
    let mut all = message.split_whitespace();
    while let Some(word) = all.next() {
        match word {
            // `(service NAME)`, `(task ID)`: the name or the id follows.
            "(service" | "(task" => {
                let _name = all.next();
            }
            word => words.push(named(word)),
        }
    }
    words.join(" ")
}

/// The name in the ARN of a target group; any other word as it is.
fn named(word: &str) -> String {
    let Some((before, after)) = word.split_once(":targetgroup/") else { return word.to_owned() };
    let Some((name, id)) = after.split_once('/') else { return word.to_owned() };
    let open = before.split("arn:").next().unwrap_or_default();
    let close: String = id.chars().skip_while(char::is_ascii_alphanumeric).collect();
    format!("{open}{name}{close}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_said_once_with_names_and_without_ids() {
        let unhealthy = |task: &str| {
            format!(
                "(service web) (task {task}) (port 80) is unhealthy in (target-group \
                 arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/prod-web/0123456789abcdef) due to (reason \
                 Health checks failed with these codes: [503])."
            )
        };
        let all = [unhealthy("5770"), unhealthy("88b6"), "(service web) was unable to place a task.".to_owned()];
        assert_eq!(
            brief(&all),
            "(port 80) is unhealthy in (target-group prod-web) due to (reason Health checks failed with these codes: \
             [503]). was unable to place a task."
        );
    }
}
