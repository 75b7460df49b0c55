//! The tree that every request is decoded to and every answer is rendered from, whatever the protocol.

mod from;

use std::borrow::Cow;

use crate::failure::Failure;

/// Name of a member.
pub type Key = Cow<'static, str>;

/// One value. The Query protocol knows text only, so the accessors of [`Map`] also read numbers and flags from text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not there: never rendered.
    Null,
    /// A flag.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number that is a double in the service's model, also when it is whole.
    Float(f64),
    /// Text.
    Text(String),
    /// A time of the world, in seconds since the epoch; mapped to the client's clock at the boundary.
    Time(f64),
    /// A list.
    List(Vec<Value>),
    /// A structure.
    Map(Map),
}

/// A structure: members in the order in which they were put.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map(Vec<(Key, Value)>);

impl Map {
    /// Without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more member; [`Value::Null`] is left out, as AWS leaves out what is not set.
    #[must_use]
    pub fn with(mut self, name: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.put(name.into(), value.into());
        self
    }

    /// Puts a member; one of the same name is replaced.
    pub fn put(&mut self, name: Key, value: Value) {
        self.0.retain(|(found, _)| *found != name);
        if value != Value::Null {
            self.0.push((name, value));
        }
    }

    /// From members whose names differ already, as those of a map do: a search for each would take minutes for a
    /// large request.
    pub(crate) fn of_unique(members: impl Iterator<Item = (String, Value)>) -> Self {
        Self(members.filter(|(_, value)| *value != Value::Null).map(|(name, value)| (name.into(), value)).collect())
    }

    /// Its members.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Its members, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.0.iter_mut().map(|(name, value)| (&**name, value))
    }

    /// A member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// Whether a member is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A text.
    ///
    /// # Errors
    /// It is a structure or a list.
    pub fn text(&self, name: &str) -> Result<Option<Cow<'_, str>>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_text().map(Some).ok_or_else(|| wrong(name, "a string")),
        }
    }

    /// A text that must be there and not be empty.
    ///
    /// # Errors
    /// It is not; the failure is the service's own for a missing member.
    pub fn required(&self, name: &str, missing: impl Fn(&str) -> Failure) -> Result<Cow<'_, str>, Failure> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
    }

    /// A whole number.
    ///
    /// # Errors
    /// It is something else.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_integer().map(Some).ok_or_else(|| wrong(name, "an integer")),
        }
    }

    /// A number of tasks and the like: not negative, at most an i32.
    ///
    /// # Errors
    /// It is something else.
    pub fn count(&self, name: &str) -> Result<Option<u32>, Failure> {
        let fits = |n: i64| i32::try_from(n).ok().and_then(|n| u32::try_from(n).ok());
        self.integer(name)?.map(|n| fits(n).ok_or_else(|| wrong(name, "a non-negative integer"))).transpose()
    }

    /// A number.
    ///
    /// # Errors
    /// It is something else, or not finite.
    pub fn number(&self, name: &str) -> Result<Option<f64>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_number().map(Some).ok_or_else(|| wrong(name, "a number")),
        }
    }

    /// A flag.
    ///
    /// # Errors
    /// It is something else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_flag().map(Some).ok_or_else(|| wrong(name, "a boolean")),
        }
    }

    /// A time of the world, in seconds since the epoch; times are mapped before an operation sees them.
    ///
    /// # Errors
    /// It is something else.
    pub fn time(&self, name: &str) -> Result<Option<f64>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Time(at)) => Ok(Some(*at)),
            Some(_) => Err(wrong(name, "a timestamp")),
        }
    }

    /// A list; one that is not there is empty, and so is the empty text that the Query protocol sends for it.
    ///
    /// # Errors
    /// It is something else.
    pub fn list(&self, name: &str) -> Result<&[Value], Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Text(text)) if text.is_empty() => Ok(&[]),
            Some(Value::List(list)) => Ok(list),
            Some(_) => Err(wrong(name, "a list")),
        }
    }

    /// A list of texts.
    ///
    /// # Errors
    /// It is something else.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Failure> {
        let text = |value: &Value| value.as_text().map(Cow::into_owned).ok_or_else(|| wrong(name, "a list of strings"));
        self.list(name)?.iter().map(text).collect()
    }

    /// A list of structures.
    ///
    /// # Errors
    /// It is something else.
    pub fn maps(&self, name: &str) -> Result<Vec<&Map>, Failure> {
        self.list(name)?.iter().map(|value| value.as_map().ok_or_else(|| wrong(name, "a list of structures"))).collect()
    }

    /// A structure.
    ///
    /// # Errors
    /// It is something else.
    pub fn map(&self, name: &str) -> Result<Option<&Map>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_map().map(Some).ok_or_else(|| wrong(name, "a structure")),
        }
    }
}

fn wrong(name: &str, expected: &str) -> Failure {
    Failure::malformed(format!("{name}: expected {expected}"))
}

impl Value {
    fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Integer(n) => Some(Cow::Owned(n.to_string())),
            Self::Float(n) => Some(Cow::Owned(n.to_string())),
            Self::Bool(flag) => Some(Cow::Owned(flag.to_string())),
            Self::Null | Self::Time(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// A whole number, also from text.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(n) => Some(*n),
            // Exact up to 2^53; a double beyond is no count.
            Self::Float(n) if n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0 => Some(*n as i64),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Bool(_) | Self::Float(_) | Self::Time(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// A finite number, also from text.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        let number = match self {
            Self::Integer(n) => Some(*n as f64),
            Self::Float(n) => Some(*n),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Bool(_) | Self::Time(_) | Self::List(_) | Self::Map(_) => None,
        };
        number.filter(|n| n.is_finite())
    }

    fn as_flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Self::Null
            | Self::Integer(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Time(_)
            | Self::List(_)
            | Self::Map(_) => None,
        }
    }

    /// A structure.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self { Some(map) } else { None }
    }

    /// A list of anything that is a value.
    pub fn list<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// A whole second of the world.
    #[must_use]
    pub fn second(at: i64) -> Self {
        Self::Time(at as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_flags_are_also_read_from_text_as_the_query_protocol_sends_them() {
        let map = Map::new().with("N", "12").with("F", "1.5").with("B", "True").with("L", "");
        assert_eq!(map.integer("N").unwrap(), Some(12));
        assert_eq!(map.number("F").unwrap(), Some(1.5));
        assert_eq!(map.flag("B").unwrap(), Some(true));
        assert!(map.list("L").unwrap().is_empty());
        assert!(map.integer("F").is_err() && map.count("none").unwrap().is_none());
    }

    #[test]
    fn a_member_that_is_not_set_is_not_there() {
        let map = Map::new().with("a", None::<i64>).with("b", 1_i64).with("b", 2_i64);
        assert!(!map.has("a"));
        assert_eq!(map.integer("b").unwrap(), Some(2));
    }
}
