//! Listeners: who hears what, who is let go.

use super::*;
use serde_json::json;

const PROJECT: ProjectId = ProjectId(Uuid::nil());

fn heard_by(live: &Live, project: ProjectId, by: ListensBy) -> Listening {
    let (queue, listening) = mpsc::channel(QUEUE);
    live.lock().listeners.entry(project).or_default().push(Listener { by, queue });
    listening
}

fn token(n: u128) -> ListensBy {
    ListensBy::ApiToken(Uuid::from_u128(n))
}

fn happen(live: &Live, project: ProjectId, name: &str) {
    tell(&mut live.lock(), Arc::new(EventRow::new(project, name, json!({}), 1)));
}

fn names(listening: &mut Listening) -> Vec<String> {
    std::iter::from_fn(|| listening.try_recv().ok()).map(|event| event.name.clone()).collect()
}

#[test]
fn who_listens_hears_of_rooms_of_their_project_and_of_no_tokens() {
    let live = Live::default();
    let mut ours = heard_by(&live, PROJECT, token(1));
    let mut theirs = heard_by(&live, ProjectId(Uuid::from_u128(9)), token(1));
    for name in ["room.created", "member.joined", "api_token.created", "user.created"] {
        happen(&live, PROJECT, name);
    }
    assert_eq!(names(&mut ours), ["room.created", "member.joined"]);
    assert!(names(&mut theirs).is_empty());
}

#[test]
fn who_does_not_read_is_let_go_and_keeps_nobody_else_from_hearing() {
    let live = Live::default();
    let mut slow = heard_by(&live, PROJECT, token(1));
    let mut quick = heard_by(&live, PROJECT, token(2));
    for _ in 0..QUEUE + 2 {
        happen(&live, PROJECT, "member.updated");
        assert_eq!(names(&mut quick).len(), 1);
    }
    assert_eq!(names(&mut slow).len(), QUEUE);
    assert!(matches!(slow.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
    assert_eq!(live.by(), HashSet::from([(PROJECT, token(2))]));
}

#[test]
fn who_lost_what_they_listen_by_is_let_go_and_who_went_is_forgotten() {
    let live = Live::default();
    let mut revoked = heard_by(&live, PROJECT, token(1));
    let gone = heard_by(&live, PROJECT, token(2));
    let _stays = heard_by(&live, PROJECT, token(3));
    live.end(&HashSet::from([(PROJECT, token(1))]));
    assert!(matches!(revoked.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
    drop(gone);
    assert!(!live.is_empty());
    assert_eq!(live.by(), HashSet::from([(PROJECT, token(3))]));
    live.end_all();
    assert!(live.is_empty());
}
