//! The file itself: its rights, its keys and tokens, its health, its version.

use crate::common::{Folder, fresh, named};
use rotunda_domain::ProjectId;
use rotunda_store::{Store, StoreError};
use sqlx::{ConnectOptions, Connection, Executor};
use std::time::Duration;
use uuid::Uuid;

fn video() -> Vec<String> {
    vec!["video".into()]
}

pub async fn second_connection(folder: &Folder) -> sqlx::SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.file());
    options.connect().await.unwrap()
}

#[tokio::test]
async fn a_token_opens_its_project_until_it_is_revoked_and_is_stored_hashed() {
    let (folder, store, project) = fresh().await;
    let other = store.create_project(None, "theirs").await.unwrap().id;
    let new = store.create_api_token(project, &video()).await.unwrap();
    assert!(new.secret.len() >= 43, "256 bits");
    let verified = store.verify_api_token(project, &new.secret).await.unwrap();
    assert_eq!(verified, Some(new.row.clone()));
    assert!(store.is_api_token_valid(new.row.id).await.unwrap());
    assert_eq!(store.verify_api_token(other, &new.secret).await.unwrap(), None);
    assert_eq!(store.verify_api_token(project, &new.secret[1..]).await.unwrap(), None);
    assert_eq!(store.verify_api_token(project, "").await.unwrap(), None);
    assert!(!format!("{new:?}").contains(&new.secret));

    store.revoke_api_token(new.row.id).await.unwrap();
    assert_eq!(store.verify_api_token(project, &new.secret).await.unwrap(), None);
    assert!(store.api_tokens(project).await.unwrap()[0].revoked_at_ms.is_some());
    assert!(matches!(store.revoke_api_token(Uuid::nil()).await, Err(StoreError::NotFound)));

    store.close().await;
    for file in std::fs::read_dir(&folder.0).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let secret = new.secret.as_bytes();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret), "the secret is on disk");
    }
}

#[tokio::test]
async fn a_given_secret_is_made_once_and_stays_revoked() {
    let (_folder, store, project) = fresh().await;
    let one = store.ensure_api_token(project, &video(), "chosen by hand").await.unwrap();
    let two = store.ensure_api_token(project, &video(), "chosen by hand").await.unwrap();
    assert_eq!(one, two);
    store.revoke_api_token(one.id).await.unwrap();
    let again = store.ensure_api_token(project, &video(), "chosen by hand").await;
    assert!(matches!(again, Err(StoreError::TokenRevoked)));
    let nowhere = store.create_api_token(ProjectId(Uuid::nil()), &video()).await;
    assert!(matches!(nowhere, Err(StoreError::Declined(_))));
}

#[tokio::test]
async fn each_project_has_a_key_of_its_own_that_stays() {
    let (folder, store, project) = fresh().await;
    let given = ProjectId(Uuid::new_v4());
    store.create_project(Some(given), "given").await.unwrap();
    assert!(matches!(store.create_project(Some(given), "x").await, Err(StoreError::NotUnique)));
    let key = store.signing_key(project).await.unwrap().unwrap();
    assert_ne!(store.signing_key(given).await.unwrap().unwrap(), key);
    assert_eq!(store.signing_key(ProjectId(Uuid::nil())).await.unwrap(), None);
    drop(store);
    let store = folder.open().await;
    assert_eq!(store.signing_key(project).await.unwrap().unwrap(), key);
    assert_eq!(store.first_project().await.unwrap().unwrap().id, project);
    assert_eq!(store.projects().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_locked_database_is_unhealthy_and_passing_and_reads_go_on() {
    let (folder, store, project) = fresh().await;
    let mut other = second_connection(&folder).await;
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    assert!(!store.healthy().await);
    for _ in 0..2 {
        let refused = store.create_room(project, named("lobby")).await.unwrap_err();
        assert!(refused.is_passing(), "{refused}");
        assert!(refused.to_string().contains("somebody else holds its lock"), "{refused}");
    }
    assert!(store.signing_key(project).await.unwrap().is_some());
    other.execute("COMMIT").await.unwrap();
    becomes_healthy(&store).await;
    store.create_room(project, named("lobby")).await.unwrap();
    drop(store);
    assert!(folder.open().await.room_by_name(project, "lobby").await.unwrap().is_some());
}

/// What the last beat found is told for a second.
pub async fn becomes_healthy(store: &Store) {
    let again = async {
        while !store.healthy().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), again).await.expect("healthy again");
}

#[tokio::test]
async fn a_database_whose_file_is_gone_is_unhealthy() {
    let (folder, store, _) = fresh().await;
    std::fs::remove_file(folder.file()).unwrap();
    assert!(!store.healthy().await);
}

#[tokio::test]
async fn a_newer_database_is_refused_with_words() {
    let (folder, store, _) = fresh().await;
    store.close().await;
    let mut other = second_connection(&folder).await;
    let step = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
                execution_time) VALUES (9999, 'future', TRUE, X'00', 1)";
    other.execute(step).await.unwrap();
    other.close().await.unwrap();
    let refused = Store::open(folder.file()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Newer { step: 9999, .. }));
    assert!(refused.to_string().contains("newer version"), "{refused}");
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let folder = Folder::new();
    std::fs::write(folder.file(), "this is no database, and longer than a header ".repeat(50))
        .unwrap();
    let refused = Store::open(folder.file()).await.unwrap_err().to_string();
    let file = folder.file().display().to_string();
    assert!(refused.contains(&file) && refused.contains("is no SQLite database"), "{refused}");
    assert!(matches!(Store::open(folder.0.join("no/such")).await, Err(StoreError::Open { .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, store, project) = fresh().await;
    store.create_room(project, named("lobby")).await.unwrap();
    for file in std::fs::read_dir(&folder.0).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.path());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_database_others_could_read_is_tightened_when_it_is_opened() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    let (folder, store, _) = fresh().await;
    let files = || std::fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().path());
    for file in files() {
        std::fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
    }
    let _again = folder.open().await;
    for file in files() {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file:?}");
    }
    drop(store);
}
