//! Types of the wire as values, for tests: written as TypeScript, and compared with what is sent. It knows
//! nothing of the objects themselves.

use serde_json::Value;
use std::fmt::Write;

/// What stands in a field.
#[derive(Clone, Debug)]
pub enum Kind {
    Text,
    Number,
    Flag,
    /// Whatever an application likes, under names.
    Free,
    /// One of these; in a word `${number}` stands for any number.
    Words(Vec<String>),
    OrNull(Box<Kind>),
    /// Not always there.
    Sometimes(Box<Kind>),
    List(Box<Kind>),
    Object(Object),
}

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    pub name: &'static str,
    pub docs: &'static [&'static str],
    /// What has all fields of another object, besides its own.
    pub base: Option<Box<Object>>,
    pub fields: Vec<Member>,
}

/// A field of an object.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: &'static str,
    pub docs: &'static [&'static str],
    pub kind: Kind,
}

const NUMBER: &str = "${number}";

impl Kind {
    /// These words, each once; none of them is null.
    pub fn words(all: impl Iterator<Item = Option<String>>) -> Self {
        let all: Vec<Option<String>> = all.collect();
        let has_null = all.contains(&None);
        let spelt = |word: String| {
            let (start, end) =
                word.split_at(word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len()));
            if end.is_empty() { word } else { format!("{start}{NUMBER}") }
        };
        let words = Self::Words(all.into_iter().flatten().map(spelt).collect());
        if has_null { Self::OrNull(Box::new(words)) } else { words }
    }

    /// As TypeScript writes it.
    pub fn text(&self) -> String {
        match self {
            Self::Text => "string".into(),
            Self::Number => "number".into(),
            Self::Flag => "boolean".into(),
            Self::Free => "Record<string, unknown>".into(),
            Self::Words(words) => {
                words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" | ")
            }
            Self::OrNull(kind) => format!("{} | null", kind.text()),
            Self::Sometimes(kind) => kind.text(),
            Self::List(kind) => format!("{}[]", kind.text()),
            Self::Object(object) => object.name.into(),
        }
    }

    /// Whether that may stand there; else where it does not fit.
    pub fn fits(&self, value: &Value) -> Result<(), String> {
        let is_so = match (self, value) {
            (Self::Text, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Flag, Value::Bool(_))
            | (Self::Free, Value::Object(_))
            | (Self::OrNull(_), Value::Null) => true,
            (Self::Words(words), Value::String(text)) => {
                words.iter().any(|word| is_word(word, text))
            }
            (Self::OrNull(kind) | Self::Sometimes(kind), _) => return kind.fits(value),
            (Self::List(kind), Value::Array(list)) => {
                return list.iter().try_for_each(|one| kind.fits(one));
            }
            (Self::Object(object), Value::Object(_)) => return object.fits(value),
            _ => false,
        };
        is_so.then_some(()).ok_or_else(|| format!("{value} is no {}", self.text()))
    }

    /// The objects in it, those first that others are made of.
    pub fn objects(&self, found: &mut Vec<Object>) {
        match self {
            Self::OrNull(kind) | Self::Sometimes(kind) | Self::List(kind) => kind.objects(found),
            Self::Object(object) => {
                object.all_fields().for_each(|field| field.kind.objects(found));
                if let Some(base) = &object.base {
                    Self::Object((**base).clone()).objects(found);
                }
                if found.iter().all(|one| one.name != object.name) {
                    found.push(object.clone());
                }
            }
            _ => {}
        }
    }
}

impl Object {
    fn all_fields(&self) -> impl Iterator<Item = &Member> {
        self.base.iter().flat_map(|base| &base.fields).chain(&self.fields)
    }

    /// Exactly these fields, but for those that are not always there.
    fn fits(&self, value: &Value) -> Result<(), String> {
        let keys = value.as_object().into_iter().flatten().map(|(key, _)| key);
        for key in keys {
            if self.all_fields().all(|field| field.name != key) {
                return Err(format!("{} has no {key}", self.name));
            }
        }
        self.all_fields().try_for_each(|field| match (value.get(field.name), &field.kind) {
            (None, Kind::Sometimes(_)) => Ok(()),
            (None, _) => Err(format!("{}.{} is not there", self.name, field.name)),
            (Some(value), kind) => {
                kind.fits(value).map_err(|why| format!("{}.{}: {why}", self.name, field.name))
            }
        })
    }

    /// As TypeScript declares it.
    pub fn declaration(&self) -> String {
        let base = self.base.as_ref().map_or_else(String::new, |o| format!(" extends {}", o.name));
        let head = comment(self.docs, "");
        let mut text = format!("{head}export interface {}{base} {{\n", self.name);
        for Member { name, docs, kind } in &self.fields {
            let mark = if matches!(kind, Kind::Sometimes(_)) { "?" } else { "" };
            let _ =
                writeln!(text, "{}  {}{mark}: {};", comment(docs, "  "), key(name), kind.text());
        }
        text.push_str("}\n");
        text
    }
}

fn comment(docs: &[&str], indent: &str) -> String {
    let text = docs.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    if text.is_empty() { String::new() } else { format!("{indent}/** {text} */\n") }
}

fn key(name: &str) -> String {
    if name.contains('.') { format!("\"{name}\"") } else { name.into() }
}

fn quoted(word: &str) -> String {
    if word.contains(NUMBER) { format!("`{word}`") } else { format!("\"{word}\"") }
}

fn is_word(word: &str, text: &str) -> bool {
    match word.split_once(NUMBER) {
        None => word == text,
        Some((start, _)) => {
            text.strip_prefix(start).is_some_and(|rest| rest.parse::<u32>().is_ok())
        }
    }
}
