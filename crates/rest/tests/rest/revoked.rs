//! What is over reaches connections that are open: nothing is heard and nothing is done any more.

use crate::common::Desk;
use rotunda_domain::{Command, Refusal};
use rotunda_hub::{Accepted, ConnectRequest, Credential};
use serde_json::json;
use std::time::Duration;

/// A second, and what a busy machine takes.
const WITHIN: Duration = Duration::from_secs(5);

async fn connect(desk: &Desk, credential: Credential) -> Accepted {
    let connection = ConnectRequest {
        credential,
        protocol: None,
        authorization_state: None,
        origin: None,
        was_refused: false,
        is_renewal: false,
        address: None,
    };
    desk.hub.connect(connection).await.unwrap()
}

/// Waits until the socket of a link is to close.
async fn closed(mut link: Accepted) -> bool {
    let closing = async { while link.inbox.recv().await.is_some() {} };
    tokio::time::timeout(WITHIN, closing).await.is_ok()
}

#[tokio::test]
async fn a_revoked_api_token_loses_its_socket_and_commands_nothing_meanwhile() {
    let desk = Desk::open().await;
    let api_token = |desk: &Desk| Credential::ApiToken {
        project: desk.project.to_string(),
        token: desk.secret.clone(),
    };
    let link = connect(&desk, api_token(&desk)).await;
    let protocol = link.protocol.clone();
    let other = desk.store.create_api_token(desk.project, &["video".into()]).await.unwrap();
    let token = other.secret;
    let kept = connect(
        &desk,
        Credential::ApiToken { project: desk.project.to_string(), token: token.clone() },
    )
    .await;
    assert!(desk.hub.sessions(&protocol).await.is_ok());
    // By whichever process: only the database knows.
    let all = desk.store.api_tokens(desk.project).await.unwrap();
    let own = all.iter().find(|row| row.id != other.row.id).unwrap();
    desk.store.revoke_api_token(own.id).await.unwrap();
    assert_eq!(desk.hub.sessions(&protocol).await.unwrap_err(), Refusal::NotPermitted);
    let nowhere = uuid::Uuid::nil().to_string();
    assert!(desk.hub.execute(&protocol, &nowhere, Command::Describe).await.is_err());
    assert!(closed(link).await);
    assert!(desk.hub.sessions(&kept.protocol).await.is_ok(), "another token's goes on");
}

#[tokio::test]
async fn a_socket_that_asks_nothing_is_closed_all_the_same() {
    let desk = Desk::open().await;
    let credential =
        Credential::ApiToken { project: desk.project.to_string(), token: desk.secret.clone() };
    let link = connect(&desk, credential).await;
    let own = desk.store.api_tokens(desk.project).await.unwrap().remove(0);
    desk.store.revoke_api_token(own.id).await.unwrap();
    assert!(closed(link).await);
}

#[tokio::test]
async fn a_connection_without_a_seat_ends_when_its_token_says_that_its_bearer_is_to_be_gone() {
    let desk = Desk::open().await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let soon = i64::try_from(now.as_secs()).unwrap() + 1;
    let at = time::OffsetDateTime::from_unix_timestamp(soon).unwrap();
    let at = at.format(&time::format_description::well_known::Rfc3339).unwrap();
    let whip_whep = json!({"room_name": "lab", "remove_at": at});
    let answer = desk.ask("POST", "/room_tokens", Some(whip_whep)).await;
    let token = answer.json["token"].as_str().unwrap_or_else(|| panic!("{}", answer.json));
    let link = connect(&desk, Credential::RoomToken(token.into())).await;
    assert!(closed(link).await);
}
