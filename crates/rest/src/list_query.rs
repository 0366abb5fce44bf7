//! Lists: which page a query asks for, and the links that lead on from it.

use crate::Door;
use crate::dates;
use crate::error::{ApiError, FieldError};
use crate::objects::{Links, List};
use axum::extract::{FromRequestParts, OriginalUri, Query};
use axum::http::request::Parts;
use rotunda_doorway::{Scheme, Site};
use rotunda_hub::{ListPage, Page, PageToken};
use std::fmt::Write;

const DEFAULT_SIZE: u32 = 50;
const SIZES: std::ops::RangeInclusive<u32> = 1..=1000;
const PAGING: [&str; 3] = ["page_number", "page_size", "page_token"];

/// A query, and where it was asked.
pub(crate) struct ListQuery {
    /// Scheme and host.
    base: String,
    /// Scheme, host and path.
    url: String,
    raw: Option<String>,
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl FromRequestParts<Door> for ListQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        let original = parts.extensions.get::<OriginalUri>();
        let uri = original.map_or(&parts.uri, |OriginalUri(uri)| uri);
        let Query(pairs) = Query::try_from_uri(uri)
            .map_err(|_| ApiError::BadRequest("the query cannot be read"))?;
        let base = door.options.public_base.clone().unwrap_or_else(|| base_of(parts));
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self {
            url: format!("{base}{}", uri.path()),
            base,
            raw: uri.query().map(str::to_owned),
            pairs,
            errors: Vec::new(),
        })
    }
}

/// Scheme and host as the caller addressed us.
fn base_of(parts: &Parts) -> String {
    let known = parts.extensions.get::<Site>().cloned();
    known.unwrap_or_else(|| Site::of(Scheme::Http, &parts.headers)).to_string()
}

impl ListQuery {
    /// Scheme and host that links begin with.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The answer where everything there is fits one page.
    pub(crate) fn whole<Object>(&self, data: Vec<Object>) -> List<Object> {
        let here = self.url.clone();
        let links = Links { itself: here.clone(), first: here, next: None, prev: None };
        List { links, data }
    }

    /// A parameter's value; the last one when it is given twice.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter read by `read`, whose failure is noted.
    pub(crate) fn read<T>(
        &mut self,
        name: &'static str,
        code: &'static str,
        must: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.get(name).filter(|text| !text.is_empty())?);
        if value.is_none() {
            self.errors.push(FieldError::new(name, code, format!("{name} must be {must}")));
        }
        value
    }

    /// A parameter that switches something on.
    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        let read = |text: &str| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        self.read(name, "not_a_boolean", "true or false", read).unwrap_or(false)
    }

    /// A parameter that is a date-time.
    pub(crate) fn moment(&mut self, name: &'static str) -> Option<i64> {
        let must = "an RFC 3339 date-time, a date or a Unix time";
        self.read(name, "not_a_datetime", must, dates::read_text)
    }

    /// The page asked for. A number above 0 says nothing without the token of the page before.
    pub(crate) fn page(&mut self) -> Asking {
        let size = self.read("page_size", "invalid_parameter", "from 1 to 1000", |text| {
            text.parse().ok().filter(|size| SIZES.contains(size))
        });
        let number =
            self.read("page_number", "invalid_parameter", "0 or more", |text| text.parse().ok());
        let number: u32 = number.unwrap_or(0);
        let token =
            self.read("page_token", "page_token_is_invalid", "one of ours", PageToken::parse);
        if number > 0 && self.get("page_token").is_none_or(str::is_empty) {
            let message = "page_token is required when page_number is above 0";
            let code = "page_token_required_for_next_page";
            self.errors.push(FieldError::new("page_token", code, message));
        }
        Asking { page: Page { size: size.unwrap_or(DEFAULT_SIZE), token }, number }
    }

    /// Refuses, if anything read so far was wrong.
    pub(crate) fn check(&mut self, door: &Door) -> Result<(), ApiError> {
        let errors = std::mem::take(&mut self.errors);
        if errors.is_empty() { Ok(()) } else { Err(door.invalid(errors)) }
    }

    /// The answer to a list request.
    pub(crate) fn list<Row, Object>(
        &self,
        asking: Asking,
        page: ListPage<Row>,
        object: impl FnMut(Row) -> Object,
    ) -> List<Object> {
        let Asking { page: Page { size, .. }, number } = asking;
        let link = |number: u32, token: Option<PageToken>| self.link(number, size, token);
        let links = Links {
            itself: self.raw.as_ref().map_or(self.url.clone(), |raw| format!("{}?{raw}", self.url)),
            first: link(0, None),
            next: page.next.map(|token| link(number.saturating_add(1), Some(token))),
            prev: page.prev.map(|token| link(number.saturating_sub(1), Some(token))),
        };
        List { links, data: page.rows.into_iter().map(object).collect() }
    }

    fn link(&self, number: u32, size: u32, token: Option<PageToken>) -> String {
        let mut url = format!("{}?", self.url);
        for (name, value) in &self.pairs {
            if !PAGING.contains(&name.as_str()) {
                encode(&mut url, name);
                url.push('=');
                encode(&mut url, value);
                url.push('&');
            }
        }
        let _ = write!(url, "page_number={number}&page_size={size}");
        if let Some(token) = token {
            let _ = write!(url, "&page_token={token}");
        }
        url
    }
}

/// A page and what the caller calls it.
#[derive(Clone, Copy)]
pub(crate) struct Asking {
    pub(crate) page: Page,
    number: u32,
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn encode(url: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                url.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(url, "%{byte:02X}")),
        }
    }
}
