//! What is set for rooms' videochats, and the sessions of those who set it.

use crate::common::{fresh, named};
use rotunda_domain::ProjectId;
use rotunda_domain::videochat::{
    AutoPromotion, EngineName, InitUser, LimitSettings, NotificationMode, RoomRight, RoomType,
    VideochatMode, VideochatSettings,
};
use rotunda_store::{RoomRights, StoreError, UserRow, UserSession};
use uuid::Uuid;

const OTHER: VideochatSettings = VideochatSettings {
    mode: VideochatMode::Conference,
    room_type: RoomType::PeerToPeer,
    engine: EngineName::Livekit,
    init_user: InitUser::Manager,
    exclude_listeners: true,
    use_presentation_board: true,
    enable_streaming: false,
    notification_mode: NotificationMode::Sound,
    auto_promotion: AutoPromotion { use_custom: true, limit: 10_000, demote: true },
    limit: LimitSettings { use_custom: true, limit: 7 },
};

#[tokio::test]
async fn every_setting_comes_back_after_reopening_and_goes_with_its_room() {
    let (folder, store, project) = fresh().await;
    let room = store.create_room(project, named("lobby")).await.unwrap();
    assert_eq!(store.videochat_settings(room.id).await.unwrap(), VideochatSettings::default());
    store.put_videochat_settings(project, room.id, &OTHER, &["videochatMode"]).await.unwrap();
    drop(store);
    let store = folder.open().await;
    assert_eq!(store.videochat_settings(room.id).await.unwrap(), OTHER);
    store.delete_room(project, room.id).await.unwrap();
    assert_eq!(store.videochat_settings(room.id).await.unwrap(), VideochatSettings::default());
    let gone = store.put_videochat_settings(project, room.id, &OTHER, &[]).await;
    assert!(matches!(gone, Err(StoreError::Declined(_))), "{gone:?}");
}

fn session(project: ProjectId, expires_at_ms: i64) -> UserSession {
    UserSession {
        project,
        user: "ann".into(),
        name: "Ann".into(),
        is_admin: false,
        rooms: RoomRights::from([("lobby".into(), RoomRight::Manage)]),
        expires_at_ms,
    }
}

#[tokio::test]
async fn a_session_opens_with_its_id_until_it_ends_or_is_ended_and_the_file_does_not_hold_it() {
    let (folder, store, project) = fresh().await;
    let minted = session(project, i64::MAX);
    let id = store.open_user_session(&minted, None).await.unwrap();
    assert_eq!(store.user_session(&id).await.unwrap(), Some(minted));
    assert_eq!(store.user_session("us_other").await.unwrap(), None);
    let stale = store.open_user_session(&session(project, 1), None).await.unwrap();
    assert_eq!(store.user_session(&stale).await.unwrap(), None);
    for file in std::fs::read_dir(&folder.0).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(id.len()).any(|part| part == id.as_bytes()));
    }
    store.close_user_session(&id).await.unwrap();
    store.close_user_session(&id).await.unwrap();
    assert_eq!(store.user_session(&id).await.unwrap(), None);
}

#[tokio::test]
async fn a_stored_users_own_row_says_what_they_may() {
    let (_folder, store, project) = fresh().await;
    let user = UserRow {
        id: Uuid::from_u128(7),
        project,
        name: "Olga".into(),
        password: "$argon2id$…".into(),
        is_admin: true,
        rooms: RoomRights::new(),
    };
    store.create_user("olga", &user).await.unwrap();
    assert!(matches!(store.create_user("olga", &user).await, Err(StoreError::NotUnique)));
    assert!(store.user_by_login(project, "olga").await.unwrap() == Some(user.clone()));
    let as_it_was = session(project, i64::MAX);
    let id = store.open_user_session(&as_it_was, Some(user.id)).await.unwrap();
    let now = store.user_session(&id).await.unwrap().unwrap();
    assert!(now.is_admin && now.rooms.is_empty() && now.name == "Olga");
}
