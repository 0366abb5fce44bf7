//! What dev mode prints: the link first, then everything a newcomer looks for.

use crate::config::Config;
use std::net::{IpAddr, SocketAddr};

/// Facts to print.
pub(crate) struct Facts<'a> {
    pub config: &'a Config,
    pub http: SocketAddr,
    pub udp: SocketAddr,
    pub tcp: Option<SocketAddr>,
    pub metrics: SocketAddr,
    pub project: String,
    pub api_token: String,
    /// A link by which somebody comes to operate the server; in dev mode.
    pub operator: String,
    pub ips: &'a [IpAddr],
}

/// The text.
pub(crate) fn text(facts: &Facts<'_>) -> String {
    let port = facts.http.port();
    let here = format!("http://localhost:{port}/?room={}", crate::dev::ROOM);
    let lan = facts.ips.iter().find(|ip| !ip.is_loopback());
    let there = lan.map_or_else(
        || match facts.http.ip().is_loopback() {
            true => "not reachable, it listens on loopback only".to_owned(),
            false => "not reachable, no network interface is up".to_owned(),
        },
        |ip| format!("https://{}/?room={}", SocketAddr::new(*ip, port), crate::dev::ROOM),
    );
    let tcp = facts.tcp.map_or_else(|| "off".into(), |addr| addr.port().to_string());
    format!(
        "
  Rotunda is up. Open this in two browsers:

      {here}
      from another device: {there}
      (its certificate is self-signed: the browser asks once)

  REST        http://localhost:{port}/api/video   Basic authentication:
  project     {project}
  API token   {token}
  ports       {port}/tcp HTTP, HTTPS, WebSocket · {udp}/udp media · {tcp}/tcp ICE-TCP
  operator    {operator}
              (once, within 15 minutes)
  metrics     http://{metrics}/metrics
  data        {data}

  Dev mode is not safe for the open network: anybody who reaches the page gets a room token,
  the certificate is home-made, and the API token above lies in the data folder.
",
        project = facts.project,
        token = facts.api_token,
        operator = facts.operator,
        udp = facts.udp.port(),
        metrics = facts.metrics,
        data = facts.config.data_dir.display(),
    )
}
