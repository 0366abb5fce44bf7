//! Reading members of `data`: each must be there and of its type; what nobody asked for is left.

use crate::envelope::Failure;
use rotunda_domain::videochat::settings::LIMIT_MAX;
use serde_json::{Map, Value};

/// The members of an object, with the name of the field it stands in, for refusals.
pub(crate) struct Fields<'a> {
    of: &'a Map<String, Value>,
    within: Option<&'static str>,
}

impl<'a> Fields<'a> {
    pub fn new(of: &'a Map<String, Value>) -> Self {
        Self { of, within: None }
    }

    fn name(&self, field: &str) -> String {
        self.within.map_or_else(|| field.into(), |within| format!("{within}.{field}"))
    }

    fn get(&self, field: &'static str) -> Result<&'a Value, Failure> {
        let missing = || Failure::bad(format!("{} is missing", self.name(field)));
        self.of.get(field).ok_or_else(missing)
    }

    /// An object within.
    pub fn object(&self, field: &'static str) -> Result<Fields<'a>, Failure> {
        match self.get(field)? {
            Value::Object(of) => Ok(Fields { of, within: Some(field) }),
            _ => Err(Failure::bad(format!("{} must be an object", self.name(field)))),
        }
    }

    pub fn text(&self, field: &'static str) -> Result<&'a str, Failure> {
        let wrong = || Failure::bad(format!("{} must be a string", self.name(field)));
        self.get(field)?.as_str().filter(|text| !text.is_empty()).ok_or_else(wrong)
    }

    /// A text that may be missing, under the first of these names that is there.
    pub fn any_text(&self, names: &[&'static str]) -> Result<Option<&'a str>, Failure> {
        let found = names.iter().find(|name| self.of.get(**name).is_some_and(|v| !v.is_null()));
        found.map(|name| self.text(name)).transpose()
    }

    pub fn flag(&self, field: &'static str) -> Result<bool, Failure> {
        let wrong = || Failure::bad(format!("{} must be true or false", self.name(field)));
        self.get(field)?.as_bool().ok_or_else(wrong)
    }

    pub fn maybe_flag(&self, field: &'static str) -> Result<Option<bool>, Failure> {
        match self.of.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.flag(field).map(Some),
        }
    }

    /// A whole number, `3.0` included.
    pub fn whole(&self, field: &'static str) -> Result<i64, Failure> {
        let wrong = || Failure::bad(format!("{} must be a whole number", self.name(field)));
        let value = self.get(field)?;
        let integral = |float: &f64| float.fract() == 0.0 && float.abs() < 1e15;
        let float = || value.as_f64().filter(integral).map(|float| float as i64);
        value.as_i64().or_else(float).ok_or_else(wrong)
    }

    pub fn limit(&self, field: &'static str) -> Result<u32, Failure> {
        let wrong = || Failure::bad(format!("{} must be 0 to {LIMIT_MAX}", self.name(field)));
        let number = u32::try_from(self.whole(field)?).map_err(|_| wrong())?;
        if number > LIMIT_MAX { Err(wrong()) } else { Ok(number) }
    }

    /// One of `words`.
    pub fn word<T>(
        &self,
        field: &'static str,
        words: &[&str],
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Failure> {
        let wrong =
            || Failure::bad(format!("{} must be one of {}", self.name(field), words.join(", ")));
        parse(self.text(field)?).ok_or_else(wrong)
    }
}
