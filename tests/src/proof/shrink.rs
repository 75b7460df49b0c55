//! A failing story, made as small as it still fails: fewer services, acts, faults and lines, and a shorter life.

use super::story::Story;

/// What cuts a story: `None` when there is nothing left to cut at this place.
type Cut = fn(&Story, Part) -> Option<Story>;

/// A part of a list: from, and how many.
#[derive(Debug, Clone, Copy)]
struct Part {
    from: usize,
    length: usize,
}

/// A story as small as was found, and how many lives it took.
#[derive(Debug)]
pub(crate) struct Shrunk {
    pub(crate) story: Story,
    pub(crate) lives: u32,
}

/// Cuts as long as the story fails the same way, for so many lives at most.
pub(crate) fn shrink(story: &Story, lives_max: u32, fails: &dyn Fn(&Story) -> bool) -> Shrunk {
    let mut shrunk = Shrunk { story: story.clone(), lives: 0 };
    loop {
        let before = shrunk.story.clone();
        shorten(&mut shrunk, lives_max, fails);
        // The most first: a service takes its acts along; then what is left, in ever smaller parts.
        let cuts: [(usize, Cut); 5] = [
            (shrunk.story.services.len(), services),
            (shrunk.story.acts.len(), acts),
            (shrunk.story.faults.len(), faults),
            (shrunk.story.services.iter().map(|p| p.remedies.len()).sum(), remedies),
            (shrunk.story.services.iter().map(|p| p.lines.len()).sum(), lines),
        ];
        for (most, cut) in cuts {
            cut_parts(&mut shrunk, most, cut, lives_max, fails);
        }
        let calm = Story { chances: headroom_simulator::delivery::Chances::default(), ..shrunk.story.clone() };
        try_it(&mut shrunk, calm, lives_max, fails);
        if shrunk.story == before || shrunk.lives >= lives_max {
            return shrunk;
        }
    }
}

fn try_it(shrunk: &mut Shrunk, smaller: Story, lives_max: u32, fails: &dyn Fn(&Story) -> bool) -> bool {
    if shrunk.lives >= lives_max || smaller == shrunk.story {
        return false;
    }
    shrunk.lives += 1;
    let smaller_fails = fails(&smaller);
    if smaller_fails {
        shrunk.story = smaller;
    }
    smaller_fails
}

/// Half as long, three quarters as long.
fn shorten(shrunk: &mut Shrunk, lives_max: u32, fails: &dyn Fn(&Story) -> bool) {
    for (part, of) in [(1, 2), (3, 4), (7, 8)] {
        loop {
            let minutes = shrunk.story.minutes * part / of;
            let mut shorter = Story { minutes, ..shrunk.story.clone() };
            shorter.acts.retain(|h| h.at < minutes * 60);
            shorter.faults.retain(|f| f.from < minutes * 60);
            if minutes < 1 || !try_it(shrunk, shorter, lives_max, fails) {
                break;
            }
        }
    }
}

/// Parts of a list, the larger first (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input,
/// 2002).
fn cut_parts(shrunk: &mut Shrunk, most: usize, cut: Cut, lives_max: u32, fails: &dyn Fn(&Story) -> bool) {
    let mut length = most;
    while length > 0 {
        let mut from = 0;
        while from < most {
            // What was cut made room: the same place holds the next part.
            let smaller = cut(&shrunk.story, Part { from, length });
            if !smaller.is_some_and(|s| try_it(shrunk, s, lives_max, fails)) {
                from += length;
            }
        }
        length /= 2;
    }
}

fn without<T: Clone>(list: &[T], Part { from, length }: Part) -> Option<Vec<T>> {
    let until = (from + length).min(list.len());
    (from < until).then(|| [&list[..from], &list[until..]].concat())
}

fn services(story: &Story, part: Part) -> Option<Story> {
    let services = without(&story.services, part).filter(|left| !left.is_empty())?;
    let mut cut = Story { services, ..story.clone() };
    cut.acts.retain(|h| cut.services.iter().any(|p| p.number == h.service));
    Some(cut)
}

fn acts(story: &Story, part: Part) -> Option<Story> {
    Some(Story { acts: without(&story.acts, part)?, ..story.clone() })
}

fn faults(story: &Story, part: Part) -> Option<Story> {
    Some(Story { faults: without(&story.faults, part)?, ..story.clone() })
}

/// The n-th things of all services, counted through.
fn each<T: Clone>(story: &Story, part: Part, list: fn(&mut super::story::Plan) -> &mut Vec<T>) -> Option<Story> {
    let mut cut = story.clone();
    let (mut place, mut removed) = (0, false);
    for plan in &mut cut.services {
        list(plan).retain(|_| {
            let goes = (part.from..part.from + part.length).contains(&place);
            place += 1;
            removed |= goes;
            !goes
        });
    }
    removed.then_some(cut)
}

fn remedies(story: &Story, part: Part) -> Option<Story> {
    each(story, part, |plan| &mut plan.remedies)
}

/// Policies, schedules, bursts and ramps; alarms and the load itself are what the rest stands on.
fn lines(story: &Story, part: Part) -> Option<Story> {
    let cut = each(story, part, |plan| &mut plan.lines)?;
    let whole = |s: &Story| s.services.iter().flat_map(|p| &p.lines).filter(|l| l.starts_with("load")).count();
    (whole(&cut) == story.services.len()).then_some(cut)
}
