//! What an application sees and does in a session that runs, by REST.

use super::*;
use uuid::Uuid;

/// Asks until the session is as it should be: what was asked for is done before it is answered, but a leg
/// that comes up is told of by itself.
async fn live(stage: &Stage, session: SessionId, is_so: impl Fn(&Value) -> bool) -> Value {
    loop {
        let answer = stage.desk.get(&format!("/room_sessions/{session}/live")).await;
        if answer.status == StatusCode::OK && is_so(&answer.json) {
            return answer.json;
        }
        tokio::task::yield_now().await;
    }
}

async fn act(stage: &Stage, session: SessionId, body: Value) -> (StatusCode, Value) {
    let path = format!("/room_sessions/{session}/actions");
    let answer = stage.desk.ask("POST", &path, Some(body)).await;
    (answer.status, answer.json)
}

const DONE: (StatusCode, Value) = (StatusCode::NO_CONTENT, Value::Null);

fn last(stage: &Stage) -> LegRequest {
    stage.engine.asked.lock().unwrap().last().cloned().unwrap()
}

#[tokio::test]
async fn who_takes_part_is_listed_muted_and_removed_and_who_looks_on_is_counted() {
    let stage = Stage::open().await;
    stage.leg("/whip", json!({"user_name": "Ann"})).await;
    let asked = last(&stage);
    stage.leg("/whep", json!({"user_name": "Ben", "join_as": "audience"})).await;
    let now = live(&stage, asked.session, |now| now["audience_count"] == 1).await;
    let (ann, ben) = (asked.member.0, last(&stage).member.0);
    assert_eq!((&now["name"], &now["locked"]), (&json!("lab"), &json!(false)));
    let members = now["members"].as_array().unwrap();
    assert_eq!(members.len(), 1, "{now}");
    assert_eq!((&members[0]["id"], &members[0]["audio_muted"]), (&json!(ann), &json!(false)));
    let mute = json!({"action": "audio_mute", "member_id": ann});
    assert_eq!(act(&stage, asked.session, mute).await, DONE);
    assert_eq!(act(&stage, asked.session, json!({"action": "lock"})).await, DONE);
    let now = live(&stage, asked.session, |_| true).await;
    assert_eq!((&now["members"][0]["audio_muted"], &now["locked"]), (&json!(true), &json!(true)));
    for gone in [ben, ann] {
        let remove = json!({"action": "remove", "member_id": gone});
        assert_eq!(act(&stage, asked.session, remove).await, DONE);
    }
    let path = format!("/room_sessions/{}/live", asked.session);
    while stage.desk.get(&path).await.status != StatusCode::NOT_FOUND {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_the_rules_refuse_is_said_in_words_and_what_is_not_there_is_not_found() {
    let stage = Stage::open().await;
    stage.leg("/whip", json!({"user_name": "Ann"})).await;
    let session = last(&stage).session;
    live(&stage, session, |_| true).await;
    let nobody = json!({"action": "audio_mute", "member_id": Uuid::new_v4()});
    assert_eq!(act(&stage, session, nobody).await.0, StatusCode::NOT_FOUND);
    for body in [
        json!({"action": "set_layout", "layout": "upside-down"}),
        json!({"action": "start_stream", "url": "http://rooms.test/live"}),
        json!({"action": "dance"}),
    ] {
        let (status, json) = act(&stage, session, body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{json}");
        assert!(json["errors"][0]["message"].as_str().unwrap().len() > 10, "{json}");
    }
    let other = SessionId(Uuid::new_v4());
    assert_eq!(act(&stage, other, json!({"action": "end"})).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_session_is_ended_by_its_own_project_and_by_no_other() {
    let stage = Stage::open().await;
    stage.leg("/whip", json!({"user_name": "Ann"})).await;
    let session = last(&stage).session;
    live(&stage, session, |_| true).await;
    let path = format!("/room_sessions/{session}/actions");
    let (other, secret) = stage.desk.stranger(&["video"]).await;
    let end = json!({"action": "end"});
    let theirs =
        stage.desk.send("POST", &path, &basic(other, &secret), end.to_string().into_bytes()).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(act(&stage, session, end.clone()).await, DONE);
    while act(&stage, session, end.clone()).await.0 != StatusCode::NOT_FOUND {
        tokio::task::yield_now().await;
    }
}
