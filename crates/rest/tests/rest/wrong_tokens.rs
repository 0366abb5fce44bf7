//! Wrong tokens are counted by the client's address, an IPv6 /64 being one.

use crate::common::{Desk, basic};
use axum::body::Body;
use axum::http::{Request, header};
use rotunda_doorway::ClientAddress;

async fn rooms(desk: &Desk, from: &str, secret: &str) -> (u16, Option<u64>) {
    let request = Request::get("/api/video/rooms")
        .header(header::HOST, "rooms.test")
        .header(header::AUTHORIZATION, basic(desk.project, secret))
        .extension(ClientAddress::new(from.parse().unwrap()))
        .body(Body::empty());
    let answer = desk.raw(request.unwrap()).await;
    let wait = answer.headers.get(header::RETRY_AFTER);
    (answer.status.as_u16(), wait.map(|wait| wait.to_str().unwrap().parse().unwrap()))
}

#[tokio::test]
async fn rest_counts_wrong_tokens_of_a_network_and_hinders_no_good_token() {
    let desk = Desk::open().await;
    let mut refused = 0;
    for n in 0..40 {
        let (status, wait) = rooms(&desk, &format!("2001:db8::{n}"), "guess").await;
        assert!(status == 401 || (status == 429 && wait.is_some_and(|wait| wait <= 3)), "{status}");
        refused += usize::from(status == 429);
    }
    assert!(refused >= 15, "{refused}");
    assert_eq!(rooms(&desk, "2001:db8::7", &desk.secret).await.0, 200, "new from there");
    assert_eq!(rooms(&desk, "2001:db8:0:1::1", "guess").await.0, 401, "another network");
}
