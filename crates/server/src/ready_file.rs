//! The file that scripts wait for (`ROTUNDA_READY_FILE`).

use crate::error::RunError;
use crate::{tls, welcome};
use std::net::IpAddr;
use std::path::Path;

/// For scripts: where everything is, written once it can be used. The file appears whole.
pub(crate) fn write(facts: &welcome::Facts<'_>) -> Result<(), RunError> {
    let Ok(path) = std::env::var("ROTUNDA_READY_FILE") else { return Ok(()) };
    let host = match facts.http.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    let port = facts.http.port();
    let text = serde_json::json!({
        "http": format!("http://{host}:{port}"),
        "https": format!("https://{host}:{port}"),
        "ws": format!("ws://{host}:{port}"),
        "udp_port": facts.udp.port(),
        "tcp_port": facts.tcp.map(|addr| addr.port()),
        "metrics": format!("http://{}", facts.metrics),
        "project_id": facts.project,
        "api_token": facts.api_token,
        "pid": std::process::id(),
        "data_dir": facts.config.data_dir,
    });
    let part = format!("{path}.part");
    let written = tls::write_private(Path::new(&part), text.to_string().as_bytes())
        .and_then(|()| std::fs::rename(&part, &path));
    written.map_err(|e| RunError::File(path, e))
}
