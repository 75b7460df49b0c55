//! No newer transition of the same source was handled (SEMANTICS 16).

use crate::decide::{Look, Refusal, Verdict, refuse, source_of};

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let context = look.context;
    let source = source_of(&context.remedy.name, context.event);
    match context.state.service.newest_of(&source).filter(|newest| *newest > context.event.at) {
        Some(newer) => refuse(Refusal::Superseded { newer }),
        None => Ok("no newer transition".to_owned()),
    }
}
