//! Admins: invited, let in once by their invitation, signed in through a restart, forgotten.

use crate::common::fresh;
use rotunda_domain::ProjectId;
use rotunda_domain::admin::{ADMINS, PASSKEYS, Reach, SESSIONS};
use rotunda_store::{NewCredential, Store, StoreError};
use std::collections::HashMap;
use uuid::Uuid;

/// A moment that no test lives to see, and one that is over.
const LATER: i64 = 32_000_000_000_000;
const OVER: i64 = 1_000;

fn password() -> NewCredential {
    NewCredential::Password("$argon2id$".into())
}

fn passkey(id: &str) -> NewCredential {
    NewCredential::Passkey { id: id.into(), passkey: format!("{{\"{id}\":1}}") }
}

async fn invited(store: &Store, name: &str) -> String {
    store.invite_admin(name, &Reach::All, LATER).await.unwrap().unwrap()
}

async fn admin(store: &Store, name: &str) -> Uuid {
    let key = invited(store, name).await;
    store.accept_admin(&key, &password()).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_invitation_lets_in_once_and_its_key_is_kept_nowhere() {
    let (folder, store, project) = fresh().await;
    let reach = Reach::Only(vec![project]);
    let key = store.invite_admin("ann", &reach, LATER).await.unwrap().unwrap();
    let seen = store.admin_invitation(&key).await.unwrap().unwrap();
    assert_eq!((&*seen.name, &seen.reach), ("ann", &reach));
    let mut at_once = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (store, key) = (store.clone(), key.clone());
        at_once.spawn(async move { store.accept_admin(&key, &password()).await.unwrap() });
    }
    assert_eq!(at_once.join_all().await.iter().flatten().count(), 1);
    assert_eq!(store.admin_invitation(&key).await.unwrap(), None);
    assert_eq!(store.admin_by_name("ann").await.unwrap().unwrap().reach, reach);
    assert!(store.admin_by_name("Ann").await.unwrap().is_none());
    store.close().await;
    let file = std::fs::read(folder.file()).unwrap();
    assert!(!file.windows(key.len()).any(|bytes| bytes == key.as_bytes()));
}

#[tokio::test]
async fn an_invitation_that_is_over_or_was_replaced_lets_nobody_in() {
    let (_folder, store, _) = fresh().await;
    let over = store.invite_admin("ann", &Reach::All, OVER).await.unwrap().unwrap();
    let first = invited(&store, "ben").await;
    let second = invited(&store, "ben").await;
    for key in [&*over, &*first, "guess", ""] {
        assert_eq!(store.admin_invitation(key).await.unwrap(), None);
        assert_eq!(store.accept_admin(key, &password()).await.unwrap(), None);
    }
    assert!(store.accept_admin(&second, &password()).await.unwrap().is_some());
}

#[tokio::test]
async fn who_is_invited_again_is_the_same_with_another_reach_and_one_more_passkey() {
    let (_folder, store, project) = fresh().await;
    let ann = admin(&store, "ann").await;
    let reach = Reach::Only(vec![project]);
    let key = store.invite_admin("ann", &reach, LATER).await.unwrap().unwrap();
    assert_eq!(store.accept_admin(&key, &passkey("one")).await.unwrap(), Some(ann));
    let row = store.admin_by_name("ann").await.unwrap().unwrap();
    assert!(row.reach == reach && row.password.is_some());
    store.update_admin_passkey("one", "used").await.unwrap();
    assert_eq!(store.admin_passkeys(ann).await.unwrap(), ["used"]);
    let key = invited(&store, "ben").await;
    let taken = store.accept_admin(&key, &passkey("one")).await;
    assert!(matches!(taken, Err(StoreError::NotUnique)), "a passkey is one person's");
    assert!(store.admin_by_name("ben").await.unwrap().is_none(), "and nothing of it is kept");
    for n in 1..PASSKEYS {
        let key = invited(&store, "ann").await;
        let kept = store.accept_admin(&key, &passkey(&format!("more {n}"))).await.unwrap();
        assert_eq!(kept, Some(ann));
    }
    let key = invited(&store, "ann").await;
    assert_eq!(store.accept_admin(&key, &passkey("too many")).await.unwrap(), None);
    assert!(store.admin_invitation(&key).await.unwrap().is_some(), "it may be used otherwise");
}

#[tokio::test]
async fn a_session_survives_a_restart_and_ends_when_it_is_over_closed_revoked_or_one_too_many() {
    let (folder, store, _) = fresh().await;
    let ann = admin(&store, "ann").await;
    let key = store.open_admin_session(ann, LATER).await.unwrap();
    store.close().await;
    let store = folder.open().await;
    let session = store.admin_session(&key).await.unwrap().unwrap();
    assert_eq!((&*session.name, session.has_password, session.passkeys), ("ann", true, 0));
    let over = store.open_admin_session(ann, OVER).await.unwrap();
    for wrong in [&*over, "guess", ""] {
        assert_eq!(store.admin_session(wrong).await.unwrap(), None);
    }
    let alive = store.admin_sessions_among([session.id, Uuid::nil()].into_iter()).await.unwrap();
    assert_eq!(alive, HashMap::from([(session.id, Reach::All)]));
    store.close_admin_session(&key).await.unwrap();
    assert_eq!(store.admin_session(&key).await.unwrap(), None);
    for _ in 0..SESSIONS + 2 {
        store.open_admin_session(ann, LATER).await.unwrap();
    }
    let all = store.admin_sessions().await.unwrap();
    assert_eq!(all.len(), SESSIONS);
    assert!(store.revoke_admin_session(all[0].id).await.unwrap());
    assert!(!store.revoke_admin_session(all[0].id).await.unwrap());
    assert_eq!(store.admin_sessions().await.unwrap().len(), SESSIONS - 1);
}

#[tokio::test]
async fn who_is_forgotten_takes_sessions_passkeys_and_the_invitation_along() {
    let (_folder, store, _) = fresh().await;
    let ann = admin(&store, "ann").await;
    let session = store.open_admin_session(ann, LATER).await.unwrap();
    let invitation = invited(&store, "ann").await;
    assert!(store.delete_admin("ann").await.unwrap());
    assert!(!store.delete_admin("ann").await.unwrap());
    assert_eq!(store.admin_session(&session).await.unwrap(), None);
    assert_eq!(store.admin_invitation(&invitation).await.unwrap(), None);
    assert!(store.open_admin_session(ann, LATER).await.is_err());
}

#[tokio::test]
async fn there_are_only_so_many_admins_and_invitations() {
    let (_folder, store, _) = fresh().await;
    let only = Reach::Only(vec![ProjectId(Uuid::nil())]);
    for n in 0..ADMINS {
        assert!(store.invite_admin(&format!("{n}"), &only, LATER).await.unwrap().is_some());
    }
    assert_eq!(store.invite_admin("more", &only, LATER).await.unwrap(), None);
    let key = store.invite_admin("0", &only, LATER).await.unwrap().unwrap();
    assert!(store.accept_admin(&key, &password()).await.unwrap().is_some());
    for n in 1..ADMINS {
        admin(&store, &format!("{n}")).await;
    }
    let key = invited(&store, "more").await;
    assert_eq!(store.accept_admin(&key, &password()).await.unwrap(), None);
    assert_eq!(store.admins().await.unwrap().len(), ADMINS);
}
