//! Reading a body field by field, gathering everything that is wrong with it.

use crate::dates;
use crate::error::FieldError;
use rotunda_domain::text::shows_nothing;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// What a body says about a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Change<T> {
    /// Nothing: it stays as it is.
    #[default]
    Keep,
    /// `null`: back to its default.
    Clear,
    /// A value.
    Set(T),
}

impl<T> Change<T> {
    /// Makes `field` say what the body says, `default` being what an empty room has.
    pub(crate) fn apply(self, field: &mut T, default: T) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = default,
            Self::Set(value) => *field = value,
        }
    }

    /// As [`Change::apply`], for a field that may be empty.
    pub(crate) fn apply_to_option(self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }

    /// The value, if there is one.
    pub(crate) fn value(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

/// A body on its way to values. Unknown keys are never looked at.
pub(crate) struct Fields<'a> {
    body: &'a Map<String, Value>,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(body: &'a Map<String, Value>) -> Self {
        Self { body, errors: Vec::new() }
    }

    /// Notes something wrong.
    pub(crate) fn refuse(&mut self, name: &'static str, code: &'static str, message: String) {
        self.errors.push(FieldError::new(name, code, message));
    }

    /// The values read, unless something was wrong.
    pub(crate) fn done<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.errors.is_empty() { Ok(value) } else { Err(self.errors) }
    }

    /// Everything that was wrong.
    pub(crate) fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// Whether the body has the field at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.body.contains_key(name)
    }

    /// Reads a field by `read`, which says what is wrong as code and message.
    pub(crate) fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Value) -> Result<T, (&'static str, String)>,
    ) -> Change<T> {
        match self.body.get(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(value) => match read(value) {
                Ok(value) => Change::Set(value),
                Err((code, message)) => {
                    self.refuse(name, code, message);
                    Change::Keep
                }
            },
        }
    }

    /// Reads a field that must be there, and not empty, by `read`; `shown` begins the sentence when it is
    /// not.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        shown: &str,
        read: impl FnOnce(&'a Value) -> Result<T, (&'static str, String)>,
    ) -> Option<T> {
        let is_absent = match self.body.get(name) {
            None | Some(Value::Null) => true,
            Some(value) => value.as_str().is_some_and(shows_nothing),
        };
        if is_absent {
            self.refuse(name, "invalid_parameter", format!("{shown} must be present"));
            return None;
        }
        self.read(name, read).value()
    }

    /// Text of at most `max` characters (Unicode scalar values).
    pub(crate) fn text(&mut self, name: &'static str, max: usize) -> Change<String> {
        self.read(name, |value| bounded(name, max, value))
    }

    /// The same of text that must be there, and be seen.
    pub(crate) fn required_text(&mut self, name: &'static str, max: usize) -> Option<String> {
        self.required(name, name, |value| bounded(name, max, value))
    }

    /// The name of a room, which must be there; `shown` begins the sentence when it is not.
    pub(crate) fn room_name(&mut self, name: &'static str, shown: &str) -> Option<String> {
        self.required(name, shown, |value| {
            let text = bounded(name, rotunda_domain::limits::NAME_CHARS, value)?;
            let message = || format!("{name} may contain only A-Z, a-z, 0-9, _ and -");
            let is_name = rotunda_domain::room::is_room_name(&text);
            is_name.then_some(text).ok_or_else(|| ("not_alphanumeric", message()))
        })
    }

    /// True or false.
    pub(crate) fn flag(&mut self, name: &'static str) -> Change<bool> {
        self.read(name, |value| {
            value.as_bool().ok_or(("not_a_boolean", format!("{name} must be true or false")))
        })
    }

    /// A whole number within `range`.
    pub(crate) fn number(&mut self, name: &'static str, range: RangeInclusive<u32>) -> Change<u32> {
        self.read(name, |value| {
            let whole = whole(value).and_then(|n| u32::try_from(n).ok());
            whole.filter(|n| range.contains(n)).ok_or_else(|| {
                let (from, to) = range.into_inner();
                let message = format!("{name} must be a whole number from {from} to {to}");
                ("invalid_parameter", message)
            })
        })
    }

    /// A date-time, as seconds since 1970 UTC.
    pub(crate) fn moment(&mut self, name: &'static str) -> Change<i64> {
        self.read(name, |value| {
            dates::read(value).ok_or_else(|| {
                let message = format!("{name} must be an RFC 3339 date-time or a date");
                ("not_a_datetime", message)
            })
        })
    }

    /// One of a few words.
    pub(crate) fn choice<T>(
        &mut self,
        name: &'static str,
        words: &[&str],
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Change<T> {
        self.read(name, |value| word(name, words, parse, value))
    }

    /// The same of a field that must be there.
    pub(crate) fn required_choice<T>(
        &mut self,
        name: &'static str,
        words: &[&str],
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.required(name, name, |value| word(name, words, parse, value))
    }

    /// An object of at most 2000 characters when written.
    pub(crate) fn meta(&mut self, name: &'static str) -> Change<Map<String, Value>> {
        let max = rotunda_domain::limits::META_CHARS;
        self.read(name, |value| {
            let object =
                value.as_object().ok_or(("not_a_hash", format!("{name} must be an object")))?;
            if value.to_string().chars().count() > max {
                let message = format!("{name} must be at most {max} characters when written");
                return Err(("invalid_parameter", message));
            }
            Ok(object.clone())
        })
    }
}

fn bounded(name: &str, max: usize, value: &Value) -> Result<String, (&'static str, String)> {
    let text = string(name, value)?;
    if text.chars().count() > max {
        return Err(("invalid_parameter", format!("{name} must be at most {max} characters")));
    }
    // PostgreSQL keeps no such text, and no person means it.
    if text.contains('\0') {
        return Err(("invalid_parameter", format!("{name} must not contain NUL")));
    }
    Ok(text.to_owned())
}

fn word<T>(
    name: &str,
    words: &[&str],
    parse: impl FnOnce(&str) -> Option<T>,
    value: &Value,
) -> Result<T, (&'static str, String)> {
    parse(string(name, value)?)
        .ok_or_else(|| ("invalid_parameter", format!("{name} must be one of {}", words.join(", "))))
}

pub(crate) fn string<'a>(name: &str, value: &'a Value) -> Result<&'a str, (&'static str, String)> {
    value.as_str().ok_or_else(|| ("not_a_string", format!("{name} must be a string")))
}

/// A whole number, also when it is written as `20.0`.
fn whole(value: &Value) -> Option<i64> {
    let float = || value.as_f64().filter(|f| f.fract() == 0.0 && f.abs() < 1e15);
    value.as_i64().or_else(|| float().map(|f| f as i64))
}
