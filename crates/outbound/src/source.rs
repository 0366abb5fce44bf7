//! The address of a source, as far as its words go: scheme and host. Whether the host may be
//! reached is decided where it is resolved.

use crate::address::AddressRules;
use std::net::IpAddr;
use url::{Host, Url};

/// Why an address is no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefused {
    /// It cannot be read.
    #[error("url_failed_to_parse: url must be an address with http, https, rtmp or rtmps")]
    Unreadable,
    /// Its scheme is none of the four.
    #[error("not_an_http_url: url must begin with http, https, rtmp or rtmps")]
    Scheme,
    /// It names an address that may not be reached.
    #[error("url_is_unsafe: url leads to an address that may not be reached from here")]
    Unsafe,
}

/// An address of one of the four schemes, with a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceUrl {
    /// With `http` or `https` in place of `rtmp` and `rtmps`, so that all four are read by the
    /// rules of the web: a host such as `0x7f.1` is the number it means.
    url: Url,
    is_rtmp: bool,
    /// The port that was written, which `url` forgets where it is the usual one of the web.
    written: Option<u16>,
}

impl SourceUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`UrlRefused`].
    pub fn parse(text: &str) -> Result<Self, UrlRefused> {
        let url = Url::parse(text).map_err(|_| UrlRefused::Unreadable)?;
        let is_rtmp = match url.scheme() {
            "http" | "https" => return Self::of_web(url),
            "rtmp" | "rtmps" if url.host_str().is_none_or(str::is_empty) => {
                return Err(UrlRefused::Unreadable);
            }
            "rtmp" | "rtmps" => true,
            _ => return Err(UrlRefused::Scheme),
        };
        let written = url.port();
        let rest = url.as_str().strip_prefix("rtmp").ok_or(UrlRefused::Unreadable)?;
        let url = Url::parse(&format!("http{rest}")).map_err(|_| UrlRefused::Unreadable)?;
        Ok(Self { is_rtmp, written, ..Self::of_web(url)? })
    }

    /// What `reference` means in a document of this address: only the web's two schemes.
    ///
    /// # Errors
    /// [`UrlRefused`].
    pub fn join(&self, reference: &str) -> Result<Self, UrlRefused> {
        Self::of_web(self.url.join(reference).map_err(|_| UrlRefused::Unreadable)?)
    }

    fn of_web(url: Url) -> Result<Self, UrlRefused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(UrlRefused::Scheme);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(UrlRefused::Unreadable);
        }
        Ok(Self { is_rtmp: false, written: url.port(), url })
    }

    /// Refuses a host that is itself an address which may not be reached.
    ///
    /// # Errors
    /// [`UrlRefused::Unsafe`].
    pub fn check(&self, rules: &AddressRules) -> Result<(), UrlRefused> {
        let is_fine = self.ip().is_none_or(|ip| rules.permit(ip));
        is_fine.then_some(()).ok_or(UrlRefused::Unsafe)
    }

    /// The host, if it is an address.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Ipv4(ip) => Some(ip.into()),
            Host::Ipv6(ip) => Some(ip.into()),
            Host::Domain(_) => None,
        }
    }

    /// The host, if it is a name.
    pub fn name(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port: the one written, or else 80 (`http`), 443 (`https` and `rtmps`) or 1935 (`rtmp`).
    pub fn port(&self) -> u16 {
        let usual = if self.is_rtmp && !self.is_secret() { 1935 } else { 80 };
        let usual = if self.is_secret() { 443 } else { usual };
        self.written.unwrap_or(usual)
    }

    /// Scheme, host and port: all of it that holds no secret and may be logged.
    pub fn origin(&self) -> String {
        let scheme = match (self.is_rtmp, self.is_secret()) {
            (true, true) => "rtmps",
            (true, false) => "rtmp",
            (false, true) => "https",
            (false, false) => "http",
        };
        format!("{scheme}://{}:{}", self.name(), self.port())
    }

    /// Whether it is spoken through TLS.
    pub fn is_secret(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it is RTMP.
    pub fn is_rtmp(&self) -> bool {
        self.is_rtmp
    }

    /// The whole address, secrets included, with `http` or `https` in place of `rtmp` and `rtmps`.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_schemes_are_sources() {
        for fine in
            ["http://a.test/x", "HTTPS://a.test", "rtmp://a.test/app/key", "rtmps://a.test/a/b"]
        {
            assert!(SourceUrl::parse(fine).is_ok(), "{fine}");
        }
        let others = [
            "file:///etc/passwd",
            "concat:http://a|http://b",
            "gopher://a/",
            "data:text/plain,x",
            "ftp://a.test/x",
            "pipe:0",
            "tcp://a.test:1",
            "unix:/run/x",
            "subfile:,,:http://a",
        ];
        for other in others {
            assert_eq!(SourceUrl::parse(other), Err(UrlRefused::Scheme), "{other}");
        }
        for nothing in ["", "film.mp4", "//a.test/x", "http://", "rtmp:///app", "http://[::1"] {
            assert!(SourceUrl::parse(nothing).is_err(), "{nothing}");
        }
    }

    #[test]
    fn however_an_inner_address_is_spelt_it_is_refused() {
        let rules = AddressRules::default();
        let spellings = [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://017700000001/",
            "http://127.1/",
            "http://127.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::1]/",
            "http://user:pw@127.0.0.1/",
            "http:\\\\127.0.0.1\\",
            "http://127.0.0.1:80/",
            "http://%31%32%37.0.0.1/",
            "http://１２７.0.0.1/",
            "http://127.0.0.1./",
            "rtmp://127.0.0.1/app",
            "rtmp://2130706433/app",
            "rtmps://[::1]/app",
            "http://169.254.169.254/latest/meta-data/",
            "http://0/",
            "http://[fe80::1]/",
        ];
        for spelling in spellings {
            let url = SourceUrl::parse(spelling).unwrap();
            assert_eq!(url.check(&rules), Err(UrlRefused::Unsafe), "{spelling}");
        }
    }

    #[test]
    fn of_an_address_only_host_and_port_are_shown() {
        let reported = |text| SourceUrl::parse(text).unwrap().origin();
        assert_eq!(reported("https://me:secret@a.test/hook/key?token=1"), "https://a.test:443");
        assert_eq!(reported("rtmp://a.test/app/key"), "rtmp://a.test:1935");
        // The usual port of the web is one that was written, too.
        assert_eq!(reported("rtmp://a.test:80/app/key"), "rtmp://a.test:80");
        assert_eq!(reported("rtmps://a.test:443/app/key"), "rtmps://a.test:443");
        assert_eq!(reported("http://a.test:80/x"), "http://a.test:80");
    }

    #[test]
    fn a_nested_address_is_of_the_web() {
        let base = SourceUrl::parse("https://a.test/dir/list.m3u8?x=1").unwrap();
        assert_eq!(base.join("seg.ts").unwrap().url().as_str(), "https://a.test/dir/seg.ts");
        assert_eq!(base.join("//b.test/seg.ts").unwrap().url().as_str(), "https://b.test/seg.ts");
        for other in ["file:///etc/passwd", "rtmp://a.test/x", "data:,x", "concat:x"] {
            assert_eq!(base.join(other), Err(UrlRefused::Scheme), "{other}");
        }
    }
}
