//! One transaction: entries, state, counters and the stop switch's check, all of it or nothing.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem, Update};
use headroom_pipeline::{BudgetAdd, Expect, Lost, PortError, Write};

use super::item::{entry_item, state_item};
use super::key::{EXPIRES, GENERATION, Item, Key, PK, REVISION, STOP, USED, number};
use crate::error::unusable;

pub(super) const PLACE: &str = "dynamodb TransactWriteItems";
/// DynamoDB's own limit.
const ACTIONS_MAX: usize = 100;
/// How long a counter outlives the start of its window, so that it can be looked at.
const BUDGET_KEPT_SECONDS: i64 = 2 * 86_400;
const FIRST: u64 = 1;

/// The actions in order, each with what it means when its condition fails.
#[derive(Debug, Default)]
pub(super) struct Actions {
    pub(super) items: Vec<TransactWriteItem>,
    pub(super) lost: Vec<Lost>,
}

impl Actions {
    pub(super) fn of(table: &str, write: &Write) -> Result<Self, PortError> {
        let mut actions = Self::default();
        for (entry, expect) in &write.entries {
            let (revision, condition) = match expect {
                Expect::Absent => (FIRST, Condition::absent()),
                Expect::Revision(revision) => (revision + 1, Condition::equal(REVISION, *revision)),
            };
            actions.put(table, entry_item(entry, revision)?, condition, Lost::Entry)?;
        }
        if let Some((service, state, generation)) = &write.state {
            let condition = match generation {
                0 => Condition::absent(),
                seen => Condition::equal(GENERATION, *seen),
            };
            actions.put(table, state_item(service, state, generation + 1)?, condition, Lost::State)?;
        }
        for budget in &write.budgets {
            actions.add(table, budget)?;
        }
        if let Some(environment) = &write.unless_stopped {
            actions.check(table, environment, write.control_revision)?;
        }
        if actions.items.len() > ACTIONS_MAX {
            return Err(unusable(PLACE, format!("{} actions, at most {ACTIONS_MAX}", actions.items.len())));
        }
        Ok(actions)
    }

    fn push(&mut self, item: TransactWriteItem, lost: Lost) {
        self.items.push(item);
        self.lost.push(lost);
    }

    fn put(&mut self, table: &str, item: Item, condition: Condition, lost: Lost) -> Result<(), PortError> {
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(item))
            .condition_expression(condition.expression)
            .expression_attribute_names("#n", condition.name)
            .set_expression_attribute_values(condition.value.map(|value| [(":v".to_owned(), value)].into()))
            .build()
            .map_err(incomplete)?;
        self.push(TransactWriteItem::builder().put(put).build(), lost);
        Ok(())
    }

    fn add(&mut self, table: &str, budget: &BudgetAdd) -> Result<(), PortError> {
        // Under this it still fits; under 0 is nothing, not even the first.
        let under = budget.limit.checked_sub(budget.amount).map_or(0, |room| room.saturating_add(1));
        let condition = if under == 0 { "#used < :limit" } else { "attribute_not_exists(#used) OR #used < :limit" };
        let update = Update::builder()
            .table_name(table)
            .set_key(Some(Key::budget(&budget.key).item()))
            .update_expression("ADD #used :amount SET #expires = :expires")
            .condition_expression(condition)
            .expression_attribute_names("#used", USED)
            .expression_attribute_names("#expires", EXPIRES)
            .expression_attribute_values(":amount", number(budget.amount))
            .expression_attribute_values(":limit", number(under))
            .expression_attribute_values(":expires", number(budget.key.window.saturating_add(BUDGET_KEPT_SECONDS)))
            .build()
            .map_err(incomplete)?;
        self.push(TransactWriteItem::builder().update(update).build(), Lost::Limit);
        Ok(())
    }

    fn check(&mut self, table: &str, environment: &str, revision: Option<u64>) -> Result<(), PortError> {
        let mut expression = "(attribute_not_exists(#stop) OR #stop = :no)".to_owned();
        let mut check = ConditionCheck::builder()
            .table_name(table)
            .set_key(Some(Key::control(environment).item()))
            .expression_attribute_names("#stop", STOP)
            .expression_attribute_values(":no", AttributeValue::Bool(false));
        if let Some(seen) = revision {
            // An environment that nobody paused yet has no revision, or one that somebody wrote as 0.
            let none = if seen == 0 { "attribute_not_exists(#rev) OR " } else { "" };
            expression.push_str(&format!(" AND ({none}#rev = :rev)"));
            check = check.expression_attribute_names("#rev", REVISION);
            check = check.expression_attribute_values(":rev", number(seen));
        }
        let check = check.condition_expression(expression).build().map_err(incomplete)?;
        self.push(TransactWriteItem::builder().condition_check(check).build(), Lost::Stopped);
        Ok(())
    }
}

struct Condition {
    expression: &'static str,
    name: &'static str,
    value: Option<AttributeValue>,
}

impl Condition {
    fn absent() -> Self {
        Self { expression: "attribute_not_exists(#n)", name: PK, value: None }
    }

    fn equal(name: &'static str, value: u64) -> Self {
        Self { expression: "#n = :v", name, value: Some(number(value)) }
    }
}

fn incomplete(error: BuildError) -> PortError {
    unusable(PLACE, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_core::capacity::ServiceState;
    use headroom_core::entry::Entry;
    use headroom_core::fleet::Mode;
    use headroom_core::id::{CaseKey, ServiceId};
    use headroom_pipeline::BudgetKey;
    use jiff::Timestamp;

    fn web() -> ServiceId {
        ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() }
    }

    fn write(expect: Expect, generation: u64, limit: u32) -> Write {
        let at = Timestamp::from_second(1_000).unwrap();
        let entry = Entry::new(CaseKey("k".into()), web(), "e/s".into(), "cpu".into(), Mode::Act, at);
        let key = BudgetKey { scope: "e/s".into(), what: "changes".into(), window: 3_600 };
        Write {
            entries: vec![(entry, expect)],
            state: Some((web(), ServiceState::default(), generation)),
            budgets: vec![BudgetAdd { key, amount: 1, limit }],
            unless_stopped: Some("e".into()),
            control_revision: Some(2),
        }
    }

    #[test]
    fn every_part_of_a_write_has_its_condition() {
        let actions = Actions::of("headroom", &write(Expect::Revision(4), 7, 3)).unwrap();
        assert_eq!(actions.lost, [Lost::Entry, Lost::State, Lost::Limit, Lost::Stopped]);
        let entry = actions.items[0].put().unwrap();
        assert_eq!(entry.item()[REVISION], number(5));
        assert_eq!(entry.expression_attribute_values().unwrap()[":v"], number(4));
        let state = actions.items[1].put().unwrap();
        assert_eq!(state.item()[GENERATION], number(8));
        assert_eq!(state.expression_attribute_values().unwrap()[":v"], number(7));
        assert!(actions.items[2].update().unwrap().condition_expression().unwrap().contains("attribute_not_exists"));
        let check = actions.items[3].condition_check().unwrap();
        assert_eq!(check.key()["sk"].as_s().unwrap(), "e");
        assert!(check.condition_expression().ends_with(" AND (#rev = :rev)"), "a pause since the look loses the plan");
    }

    #[test]
    fn an_amount_passes_only_where_the_counter_stays_within_its_limit() {
        let key = BudgetKey { scope: "langfuse".into(), what: "cost".into(), window: 86_400 };
        for (amount, limit, under) in
            [(494, 500, 7), (500, 500, 1), (501, 500, 0), (1, 3, 3), (9, u32::MAX, u32::MAX - 8)]
        {
            let budgets = vec![BudgetAdd { key: key.clone(), amount, limit }];
            let actions = Actions::of("headroom", &Write { budgets, ..Write::default() }).unwrap();
            let update = actions.items[0].update().unwrap();
            let values = update.expression_attribute_values().unwrap();
            assert_eq!(
                (&values[":amount"], &values[":limit"]),
                (&number(amount), &number(under)),
                "{amount} of {limit}"
            );
            let first = update.condition_expression().unwrap().contains("attribute_not_exists");
            assert_eq!(first, amount <= limit, "{amount} of {limit}");
        }
    }

    #[test]
    fn a_revision_of_0_is_one_that_is_absent_and_one_that_is_written() {
        let plan = Write { control_revision: Some(0), ..write(Expect::Absent, 0, 1) };
        let actions = Actions::of("headroom", &plan).unwrap();
        let check = actions.items[3].condition_check().unwrap();
        assert!(check.condition_expression().ends_with(" AND (attribute_not_exists(#rev) OR #rev = :rev)"));
        assert_eq!(check.expression_attribute_values().unwrap()[":rev"], number(0));
    }

    #[test]
    fn what_is_new_must_be_absent_and_starts_at_one() {
        let actions = Actions::of("headroom", &write(Expect::Absent, 0, 0)).unwrap();
        for (item, number_name) in [(&actions.items[0], REVISION), (&actions.items[1], GENERATION)] {
            let put = item.put().unwrap();
            assert_eq!(put.condition_expression(), Some("attribute_not_exists(#n)"));
            assert_eq!(put.item()[number_name], number(1));
        }
        assert_eq!(actions.items[2].update().unwrap().condition_expression(), Some("#used < :limit"));
    }
}
