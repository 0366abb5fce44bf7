//! Who calls: an access token (RFC 6750), or HTTP Basic with an agent's address and API key, and
//! their site in the query.

use crate::Door;
use crate::error::ApiError;
use axum::http::{HeaderMap, Uri, header};
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rotunda_hub::{Agent, SiteId};
use std::net::IpAddr;
use url::form_urlencoded;

/// Standard alphabet; some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a header shows.
#[derive(PartialEq, Eq)]
enum Shown {
    Token(String),
    Key { email: String, key: String },
}

impl Door {
    /// The site of whoever calls, if they may manage its settings.
    ///
    /// # Errors
    /// `Unauthorized`, `Forbidden`, `Bad` for a site that is missing or no number.
    pub async fn site(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        from: Option<IpAddr>,
    ) -> Result<SiteId, ApiError> {
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let agent = match header.and_then(shown).ok_or(ApiError::Unauthorized)? {
            Shown::Token(token) => self.hub.agent_by_token(&token, from).await?,
            Shown::Key { email, key } => {
                let site = site_of(uri.query().unwrap_or_default())?;
                self.hub.agent_by_key(site, (&email, &key), from).await?
            }
        };
        match agent {
            None => Err(ApiError::Unauthorized),
            Some(Agent { manages_settings: false, .. }) => Err(ApiError::Forbidden),
            Some(agent) => Ok(agent.site),
        }
    }
}

fn shown(header: &str) -> Option<Shown> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return (!rest.is_empty()).then(|| Shown::Token(rest.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(rest).ok()?).ok()?;
    let (email, key) = text.split_once(':')?;
    Some(Shown::Key { email: email.to_owned(), key: key.to_owned() })
}

fn site_of(query: &str) -> Result<SiteId, ApiError> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let found = pairs.find(|(name, _)| name.eq_ignore_ascii_case("siteId"));
    let (_, value) = found.ok_or_else(|| ApiError::required("siteId"))?;
    value.parse().map_err(|_| ApiError::wrong("siteId", "a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_shows_a_token_or_an_address_and_a_key() {
        let token = Some(Shown::Token("ra_x".into()));
        assert!(shown("Bearer ra_x") == token && shown("bearer  ra_x ") == token);
        let key = Some(Shown::Key { email: "a@b".into(), key: "c:d".into() });
        assert!(shown("Basic YUBiOmM6ZA==") == key && shown("basic YUBiOmM6ZA") == key);
        for bad in ["", "Bearer", "Bearer ", "Basic", "Basic !!", "Basic YUBi", "Digest x", "ra_x"]
        {
            assert!(shown(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_site_is_a_number_in_the_query() {
        assert_eq!(site_of("siteId=10000"), Ok(SiteId(10_000)));
        assert_eq!(site_of("a=b&SiteID=7"), Ok(SiteId(7)));
        assert_eq!(site_of("a=b"), Err(ApiError::required("siteId")));
        for bad in ["siteId=", "siteId=ten", "siteId=99999999999999999999", "siteId=1.5"] {
            assert_eq!(site_of(bad), Err(ApiError::wrong("siteId", "a number")), "{bad}");
        }
    }
}
