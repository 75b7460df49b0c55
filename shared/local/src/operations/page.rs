//! Pages of a list: a token says where the next one begins.

use crate::failure::Failure;
use crate::value::Map;

/// What a token begins with, so that one of another kind is refused.
const PREFIX: &str = "headroom-local-";

/// How an operation pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paging {
    /// Member that says how many.
    pub(super) size: &'static str,
    /// Member of the request that says where to go on.
    pub(super) token: &'static str,
    /// How many when nobody says.
    pub(super) usual: usize,
    /// The most that may be asked for.
    pub(super) most: usize,
    /// Shape of the error for a token that is none.
    pub(super) bad_token: &'static str,
    /// Shape of the error for a size that is out of range.
    pub(super) bad_size: &'static str,
}

impl Paging {
    /// The page that a request asks for, and the token of the next one.
    pub(super) fn page<T>(&self, input: &Map, items: Vec<T>) -> Result<(Vec<T>, Option<String>), Failure> {
        let size = match input.integer(self.size)? {
            None => self.usual,
            Some(n) => usize::try_from(n).ok().filter(|n| (1..=self.most).contains(n)).ok_or_else(|| {
                Failure::sender(self.bad_size, format!("{} must be between 1 and {}.", self.size, self.most))
            })?,
        };
        let from = match input.text(self.token)? {
            None => 0,
            Some(token) => {
                let from = token.strip_prefix(PREFIX).and_then(|n| n.parse().ok());
                let from = from.filter(|from: &usize| *from <= items.len());
                from.ok_or_else(|| Failure::sender(self.bad_token, "Invalid token"))?
            }
        };
        let next = (from + size < items.len()).then(|| format!("{PREFIX}{}", from + size));
        Ok((items.into_iter().skip(from).take(size).collect(), next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGING: Paging = Paging {
        size: "maxResults",
        token: "nextToken",
        usual: 10,
        most: 100,
        bad_token: "InvalidNextTokenException",
        bad_size: "ValidationException",
    };

    #[test]
    fn pages_join_to_the_whole_list_and_end_without_a_token() {
        let (mut all, mut token) = (Vec::new(), None);
        for _ in 0..5 {
            let input = Map::new().with("maxResults", 4_i64).with("nextToken", token.clone());
            let (page, next) = PAGING.page(&input, (0..10).collect()).unwrap();
            all.extend(page);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!((all, token), ((0..10).collect(), None));
    }

    #[test]
    fn a_foreign_token_and_a_size_out_of_range_are_refused() {
        let page = |input: Map| PAGING.page(&input, vec![1]).unwrap_err().shape;
        for token in ["x", "headroom-local-", "headroom-local-99", "headroom-local--1"] {
            assert_eq!(page(Map::new().with("nextToken", token)), "InvalidNextTokenException");
        }
        for size in [0_i64, -1, 101] {
            assert_eq!(page(Map::new().with("maxResults", size)), "ValidationException");
        }
    }
}
