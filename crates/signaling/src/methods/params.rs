//! Reading parameters: each wrong one is refused in words that say what to change.

use rotunda_domain::{Refusal, command::Target};
use serde_json::{Map, Value};

/// The parameters of one request.
#[derive(Clone, Copy, Debug)]
pub struct Params<'a>(&'a Map<String, Value>);

impl<'a> Params<'a> {
    /// Takes the `params` of a request.
    ///
    /// # Errors
    /// `Invalid` when they are no object.
    pub fn of(value: &'a Value) -> Result<Self, Refusal> {
        value.as_object().map(Self).ok_or_else(|| Refusal::invalid("params must be an object"))
    }

    /// The session meant.
    ///
    /// # Errors
    /// `NotFound` when none is named, `Invalid` when it is no string.
    pub fn room_session_id(self) -> Result<&'a str, Refusal> {
        match self.get("room_session_id") {
            None => Err(Refusal::NotFound("Room session not found")),
            Some(Value::String(id)) => Ok(id),
            Some(_) => Err(Refusal::invalid("room_session_id must be a string")),
        }
    }

    /// A string that must be there.
    ///
    /// # Errors
    /// `Invalid` when it is missing or something else.
    pub fn text(self, name: &str) -> Result<&'a str, Refusal> {
        match self.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(Refusal::invalid(format!("{name} must be a string"))),
            None => Err(Refusal::invalid(format!("{name} is missing"))),
        }
    }

    /// An object that may be there.
    ///
    /// # Errors
    /// `Invalid` when it is something else.
    pub fn object(self, name: &str) -> Result<Option<&'a Map<String, Value>>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(Refusal::invalid(format!("{name} must be an object"))),
        }
    }

    /// An object that must be there.
    ///
    /// # Errors
    /// `Invalid` when it is missing or something else.
    pub fn some_object(self, name: &str) -> Result<Map<String, Value>, Refusal> {
        let object = self.object(name)?.cloned();
        object.ok_or_else(|| Refusal::invalid(format!("{name} is missing")))
    }

    /// A string that may be there.
    ///
    /// # Errors
    /// `Invalid` when it is something else.
    pub fn optional_text(self, name: &str) -> Result<Option<&'a str>, Refusal> {
        self.get(name).map(|_| self.text(name)).transpose()
    }

    /// A number that must be there, as the nearest whole one: the reference says number, and sliders
    /// and players' clocks give 2.5. One beyond what is counted here becomes the last that is, and
    /// whoever knows the range says so.
    ///
    /// # Errors
    /// `Invalid` when it is missing or something else.
    pub fn number(self, name: &str) -> Result<i64, Refusal> {
        let value = self.get(name).and_then(|value| {
            // `as` saturates.
            value.as_i64().or_else(|| value.as_f64().map(|number| number.round() as i64))
        });
        value.ok_or_else(|| Refusal::invalid(format!("{name} must be a number")))
    }

    /// A number that may be there.
    ///
    /// # Errors
    /// `Invalid` when it is something else.
    pub fn optional_number(self, name: &str) -> Result<Option<i64>, Refusal> {
        self.get(name).map(|_| self.number(name)).transpose()
    }

    /// A switch that may be there.
    ///
    /// # Errors
    /// `Invalid` when it is something else.
    pub fn flag(self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Refusal::invalid(format!("{name} must be true or false"))),
        }
    }

    /// A list of strings that may be there.
    ///
    /// # Errors
    /// `Invalid` when it is something else.
    pub fn texts(self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let texts = value
            .as_array()
            .and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        let wrong = || Refusal::invalid(format!("{name} must be a list of strings"));
        texts.map(Some).ok_or_else(wrong)
    }

    /// A list of strings that must be there.
    ///
    /// # Errors
    /// `Invalid` when it is missing or something else.
    pub fn some_texts(self, name: &str) -> Result<Vec<String>, Refusal> {
        self.texts(name)?.ok_or_else(|| Refusal::invalid(format!("{name} is missing")))
    }

    /// Whom the request is aimed at: `member_id`, the caller when it is absent.
    ///
    /// # Errors
    /// `Invalid` when it is no string.
    pub fn target(self) -> Result<Target, Refusal> {
        match self.get("member_id") {
            None => Ok(Target::Oneself),
            Some(Value::String(id)) => Ok(named(id)),
            Some(_) => Err(Refusal::invalid("member_id must be a string")),
        }
    }

    /// JavaScript's null is as good as absent.
    fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

/// The member with this id. A text that is no id is nobody's, and it is the domain that says so,
/// after it asked for the permission.
pub fn named(id: &str) -> Target {
    id.parse().map_or(Target::Nobody, Target::Member)
}
