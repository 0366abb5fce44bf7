//! Behind a proxy, and asked under other names.

use crate::raw::exchange;
use rotunda_acceptance::{Answer, Stack, ask};
use serde_json::json;
use std::net::SocketAddr;

async fn sign_in(stack: &Stack, client: &str) -> u16 {
    let url = format!("{}/api/v1/auth/signin", stack.http());
    let headers = [("Content-Type", "application/json"), ("X-Forwarded-For", client)];
    // A login of their own each, because logins are counted too.
    let wrong = json!({"login": client, "password": "wrong"}).to_string();
    ask("POST", &url, &headers, &wrong).await.unwrap().status
}

async fn rooms(stack: &Stack) -> Answer {
    let url = format!("{}/api/video/rooms", stack.http());
    let headers = [("Authorization", stack.authorization()), ("X-Forwarded-Proto", "https")];
    ask("GET", &url, &headers, "").await.unwrap()
}

/// Where its HTTP door is.
pub fn address(stack: &Stack) -> SocketAddr {
    stack.http().trim_start_matches("http://").parse().unwrap()
}

#[tokio::test]
async fn behind_a_trusted_proxy_clients_count_and_links_say_https() {
    let stack = Stack::start(&[("server.trusted_proxies", "127.0.0.1")]).await;
    // Each is counted by itself, whatever it puts in front of what its proxy writes.
    for last in 1..=15 {
        assert_eq!(sign_in(&stack, &format!("203.0.113.1, 192.0.2.{last}")).await, 401);
    }
    let link = rooms(&stack).await.json()["links"]["self"].to_string();
    assert!(link.starts_with("\"https://127.0.0.1:"), "{link}");
    stack.stop().await;
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_is_believed_nothing_and_logged_once() {
    let stack = Stack::start(&[]).await;
    for _ in 0..2 {
        let link = rooms(&stack).await.json()["links"]["self"].to_string();
        assert!(link.starts_with("\"http://127.0.0.1:"), "{link}");
    }
    assert_eq!(stack.log().matches("server.trusted_proxies").count(), 1, "{}", stack.log());
    stack.stop().await;
}

#[tokio::test]
async fn a_request_that_names_two_hosts_or_none_is_refused() {
    let stack = Stack::start(&[]).await;
    let to = address(&stack);
    for (hosts, status) in [
        ("", "400"),
        ("Host: a\r\nHost: b\r\n", "400"),
        ("Host: a\r\nHost: a\r\n", "400"),
        ("Host: a\r\n", "200"),
    ] {
        let request = format!("GET /livez HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        let answer = exchange(to, 1, &request).await.unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{hosts:?}: {answer}");
    }
    let answer = exchange(to, 1, "GET /livez HTTP/1.0\r\n\r\n").await.unwrap();
    assert!(answer.contains("200 OK"), "{answer}");
    stack.stop().await;
}

#[tokio::test]
async fn a_page_whose_name_was_pointed_here_gets_no_dev_token() {
    let stack = Stack::start(&[]).await;
    let to = address(&stack);
    let body = json!({"room_name": "demo"}).to_string();
    for (host, status) in [("evil.example", "403"), ("localhost", "200"), ("127.0.0.1:1", "200")] {
        let request = format!(
            "POST /dev/token HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = exchange(to, 1, &request).await.unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{host}: {answer}");
    }
    stack.stop().await;
}
