//! Live-chat sites, the projects they govern, and the agents who manage them.

use crate::common::{Folder, fresh};
use rotunda_domain::ProjectId;
use rotunda_store::{
    AgentRow, LivechatChange, LivechatConfig, SiteId, Store, StoreError, TokenLives,
};
use uuid::Uuid;

const SITE: SiteId = SiteId(10_000);
const HALF_A_DAY: i64 = 12 * 3600 * 1000;
const LIVES: TokenLives = TokenLives { access_ms: HALF_A_DAY, refresh_ms: HALF_A_DAY };

fn agent(site: SiteId, email: &str) -> AgentRow {
    AgentRow {
        id: Uuid::new_v4(),
        site,
        email: email.into(),
        password: "$argon2id$…".into(),
        manages_settings: true,
    }
}

async fn with_agent() -> (Folder, Store, ProjectId, AgentRow, String) {
    let (folder, store, project) = fresh().await;
    let agent = agent(SITE, "ann@example.org");
    let key = store.create_agent(&agent).await.unwrap();
    (folder, store, project, agent, key)
}

fn new_site(site: SiteId) -> LivechatConfig {
    LivechatConfig { site, enabled: false, record: false, recording_server_url: String::new() }
}

#[tokio::test]
async fn a_site_governs_a_project_from_its_link_to_its_unlink_and_keeps_what_is_set() {
    let (folder, store, project, ..) = with_agent().await;
    assert_eq!(store.livechat_of(project).await.unwrap(), None);
    assert_eq!(store.livechat_config(SiteId(1)).await.unwrap(), None);
    assert_eq!(store.link_livechat(SITE, project).await.unwrap(), new_site(SITE));
    assert_eq!(store.livechat_of(project).await.unwrap(), Some(new_site(SITE)));

    let whole = LivechatChange {
        enabled: Some(true),
        record: Some(true),
        recording_server_url: Some("http://google.com".into()),
    };
    let set = store.change_livechat(SITE, whole).await.unwrap();
    let off = LivechatChange { enabled: Some(false), ..LivechatChange::default() };
    let off = store.change_livechat(SITE, off).await.unwrap();
    assert_eq!(off, LivechatConfig { enabled: false, ..set });
    drop(store);
    let store = folder.open().await;
    assert_eq!(store.livechat_of(project).await.unwrap(), Some(off));

    assert_eq!(store.unlink_livechat(project).await.unwrap(), SITE);
    assert_eq!(store.livechat_of(project).await.unwrap(), None);
    let again = store.unlink_livechat(project).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
}

#[tokio::test]
async fn a_project_has_at_most_one_site_and_a_site_as_many_projects_as_one_likes() {
    let (_folder, store, ours, ..) = with_agent().await;
    let theirs = store.create_project(None, "theirs").await.unwrap().id;
    let other = SiteId(-7);
    store.create_agent(&agent(other, "ben@example.org")).await.unwrap();
    for project in [ours, ours, theirs] {
        store.link_livechat(SITE, project).await.unwrap();
    }
    let second = store.link_livechat(other, ours).await;
    assert!(matches!(second, Err(StoreError::NotUnique)), "{second:?}");
    assert_eq!(store.livechat_of(ours).await.unwrap(), Some(new_site(SITE)));
    let nowhere = store.link_livechat(SITE, ProjectId(Uuid::nil())).await;
    assert!(matches!(nowhere, Err(StoreError::Declined(_))), "{nowhere:?}");
    for refused in [
        store.link_livechat(SiteId(1), theirs).await,
        store.change_livechat(SiteId(1), LivechatChange::default()).await,
    ] {
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
}

#[tokio::test]
async fn keys_and_tokens_open_what_is_their_agents_and_the_file_holds_none_of_them() {
    let (folder, store, _, ann, key) = with_agent().await;
    let pair = store.open_agent_tokens(ann.id, LIVES).await.unwrap();
    assert!(store.agent_by_email("Ann@Example.org").await.unwrap() == Some(ann.clone()));
    assert!(store.agent_by_key(SITE, "ANN@example.org", &key).await.unwrap() == Some(ann.clone()));
    assert!(store.agent_by_token(&pair.access).await.unwrap() == Some(ann.clone()));
    for none in [
        store.agent_by_key(SiteId(1), "ann@example.org", &key).await.unwrap(),
        store.agent_by_key(SITE, "ann@example.org", &pair.access).await.unwrap(),
        store.agent_by_token(&pair.refresh).await.unwrap(),
        store.agent_by_token(&key).await.unwrap(),
        store.agent_by_email("ben@example.org").await.unwrap(),
    ] {
        assert!(none.is_none());
    }
    for file in std::fs::read_dir(&folder.0).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [&key, &pair.access, &pair.refresh] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
        }
    }
    let twice = store.create_agent(&agent(SiteId(3), "ANN@example.org")).await;
    assert!(matches!(twice, Err(StoreError::NotUnique)), "{twice:?}");
    assert_eq!(store.livechat_config(SiteId(3)).await.unwrap(), None, "nor its site");

    store.delete_agent("ann@Example.org").await.unwrap();
    assert!(store.agent_by_token(&pair.access).await.unwrap().is_none());
    assert!(store.renew_agent_tokens(&pair.refresh, LIVES).await.unwrap().is_none());
    assert!(matches!(store.delete_agent("ann@example.org").await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_refresh_token_serves_once_and_nothing_serves_after_its_time() {
    let (_folder, store, _, ann, _) = with_agent().await;
    let first = store.open_agent_tokens(ann.id, LIVES).await.unwrap();
    assert!(store.renew_agent_tokens(&first.access, LIVES).await.unwrap().is_none());
    let second = store.renew_agent_tokens(&first.refresh, LIVES).await.unwrap().unwrap();
    assert!(store.renew_agent_tokens(&first.refresh, LIVES).await.unwrap().is_none());
    assert!(store.agent_by_token(&second.access).await.unwrap().is_some());
    let over = TokenLives { access_ms: 0, refresh_ms: 0 };
    let stale = store.open_agent_tokens(ann.id, over).await.unwrap();
    assert!(store.agent_by_token(&stale.access).await.unwrap().is_none());
    assert!(store.renew_agent_tokens(&stale.refresh, LIVES).await.unwrap().is_none());
}

#[tokio::test]
async fn of_too_many_tokens_the_oldest_give_way() {
    let (_folder, store, _, ann, _) = with_agent().await;
    let first = store.open_agent_tokens(ann.id, LIVES).await.unwrap();
    for _ in 0..99 {
        store.open_agent_tokens(ann.id, LIVES).await.unwrap();
    }
    assert!(store.agent_by_token(&first.access).await.unwrap().is_some());
    let last = store.open_agent_tokens(ann.id, LIVES).await.unwrap();
    assert!(store.agent_by_token(&first.access).await.unwrap().is_none());
    assert!(store.agent_by_token(&last.access).await.unwrap().is_some());
}
