//! Reference pages, made from the types: what each remedy does, and why nothing was done.

use std::fmt::Write;

use headroom_core::decide::{refusals, waits};
use headroom_core::explain::{when_refused, when_waiting};
use headroom_core::fleet::Action;

/// `docs/refusals.md`.
pub(crate) fn refusals_page() -> String {
    let mut page = String::from(
        "# Why did it not act?\n\n\
         Each way of not acting has a name: in the journal, in `headroom explain`, in the metrics. This page is made from \
         the code; the numbers\nare examples. `headroom explain EVENT` and `headroom explain D-...` say which one it was, \
         with the numbers of that night.\n\n\
         ## Waits\n\nThe event is judged again later, by the alarm's present state; after seven days of waiting it is \
         refused (`deferred-too-long`).\n\n| name | what it says | what happens next |\n|---|---|---|\n",
    );
    for wait in waits() {
        row(&mut page, wait.name(), &wait.to_string(), when_waiting(&wait));
    }
    page.push_str(
        "\n## Refusals\n\nFinal for this event; the next transition of the alarm is judged afresh.\n\n\
         | name | what it says | what to change |\n|---|---|---|\n",
    );
    for refusal in refusals() {
        row(&mut page, refusal.name(), &refusal.to_string(), when_refused(&refusal));
    }
    page
}

fn row(page: &mut String, name: &str, says: &str, then: &str) {
    let says = says.strip_prefix(name).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(says);
    let _infallible = writeln!(page, "| `{name}` | {} | {} |", says.replace('|', "\\|"), then.replace('|', "\\|"));
}

/// `docs/remedies.md`.
pub(crate) fn remedies_page() -> String {
    let mut page = String::from(
        "# Remedies\n\n\
         What `do:` may say in the [fleet file](fleet-file.md). This page is made from the code.\n\n\
         * **add**: capacity is added or kept, as a lease that ends by itself; harms nothing that runs.\n\
         * **disrupt**: tasks that run are replaced; a freeze, a storm or a running deployment holds it back.\n\
         * **rollback**: another revision is put in the place of the one that runs.\n\
         * **tell**: people are told, in every mode; nothing is changed.\n\n\
         In mode `observe` the decision is made and recorded; in `suggest` it is also offered for half an hour; in `act` it is \
         carried out.\nGiving back is none of these classes: only a stopped environment holds it back.\n",
    );
    for action in Action::ALL {
        let _infallible = writeln!(
            page,
            "\n## `{}`\n\nClass {}. {}\n\n| guard, in this order | it passes when |\n|---|---|",
            action.name(),
            action.class().name(),
            action.does()
        );
        for guard in action.guards() {
            let _infallible = writeln!(page, "| {} | {} |", guard.name(), guard.passes_when());
        }
    }
    page
}
