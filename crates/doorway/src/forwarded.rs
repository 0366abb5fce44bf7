//! What proxies say of the requests they pass on: `Forwarded` (RFC 7239) and the `X-Forwarded-*`
//! headers that are older than it. Whom to believe is not known here.

use crate::site::{Scheme, host_of};
use axum::http::HeaderMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Hops that are looked at, from the right; nobody stands behind more proxies of their own.
pub(crate) const HOPS: usize = 16;
/// Bytes of these headers that are looked at.
const BYTES: usize = 4096;

/// What one proxy wrote of the request it got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hop {
    /// Who sent it; `None` for a name, `unknown` and rubbish.
    pub address: Option<IpAddr>,
    pub scheme: Option<Scheme>,
    pub host: Option<Arc<str>>,
}

/// Whether any of the headers is there.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"]
        .iter()
        .any(|name| headers.contains_key(*name))
}

/// The hops of `Forwarded`, nearest first; `None` without that header.
pub(crate) fn standard(headers: &HeaderMap) -> Option<Vec<Hop>> {
    let text = joined(headers, "forwarded")?;
    let elements = split(&text, ',').into_iter().rev().take(HOPS);
    Some(elements.map(|element| hop(&element)).collect())
}

fn hop(element: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in split(element, ';') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = unquoted(value.trim());
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.address = address(&value),
            "proto" => hop.scheme = Scheme::parse(&value),
            "host" => hop.host = host_of(&value),
            _ => {}
        }
    }
    hop
}

/// The hops of `X-Forwarded-For`, nearest first; `None` without that header. Of the other two
/// headers most proxies write one value for all hops, which then stands at each.
pub(crate) fn customary(headers: &HeaderMap) -> Option<Vec<Hop>> {
    let list = |name| {
        let text = joined(headers, name)?;
        let items = text.split(',').rev().take(HOPS).map(|item| item.trim().to_owned());
        Some(items.collect::<Vec<_>>())
    };
    let at = |items: &Option<Vec<String>>, hop: usize| {
        let items = items.as_ref()?;
        items.get(hop).or(items.last()).cloned()
    };
    let addresses = list("x-forwarded-for");
    let (schemes, hosts) = (list("x-forwarded-proto"), list("x-forwarded-host"));
    if addresses.is_none() && schemes.is_none() && hosts.is_none() {
        return None;
    }
    let addresses = addresses.unwrap_or_else(|| vec![String::new()]);
    let hop = |(number, text): (usize, &String)| Hop {
        address: address(text),
        scheme: at(&schemes, number).and_then(|text| Scheme::parse(&text)),
        host: at(&hosts, number).and_then(|text| host_of(&text)),
    };
    Some(addresses.iter().enumerate().map(hop).collect())
}

/// All lines of a header as one; a header that is no text, or very long, is cut on the left, where
/// the farthest hops stand.
fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(name);
    let lines: Vec<_> = lines.iter().map(|line| line.to_str().unwrap_or_default()).collect();
    if lines.is_empty() {
        return None;
    }
    // Header text is visible ASCII, so that any byte is a boundary.
    let text = lines.join(",");
    Some(text[text.len().saturating_sub(BYTES)..].to_owned())
}

/// Parts between `separator`s that stand outside quotes.
fn split(text: &str, separator: char) -> Vec<String> {
    let (mut parts, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for c in text.chars() {
        if c == separator && !quoted {
            parts.push(String::new());
            continue;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

/// A quoted string's content (RFC 9110 §5.6.4), or a token as it is.
fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text).replace('\\', "")
}

/// An address with or without a port, IPv6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let unbracketed =
        text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let ip =
        unbracketed.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    ip.ok().map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_each_of_its_forms() {
        for (text, is) in [
            ("192.0.2.7", Some("192.0.2.7")),
            ("192.0.2.7:4711", Some("192.0.2.7")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:80", Some("2001:db8::1")),
            ("::ffff:192.0.2.7", Some("192.0.2.7")),
            ("unknown", None),
            ("_hidden", None),
            ("", None),
            ("192.0.2.7.", None),
            ("[192.0.2.7", None),
        ] {
            assert_eq!(address(text), is.map(|ip| ip.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_separator_in_quotes_separates_nothing() {
        let element = r#"for="[2001:db8::1]:80";by="a;b, c";Proto=HTTPS;host="rooms.example""#;
        assert_eq!(split(&format!("for=a, {element}"), ',').len(), 2);
        let hop = hop(element);
        assert_eq!(hop.address, Some("2001:db8::1".parse().unwrap()));
        assert_eq!(hop.scheme, Some(Scheme::Https));
        assert_eq!(hop.host.as_deref(), Some("rooms.example"));
    }
}
