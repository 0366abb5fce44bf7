//! How good people's lines are, as an operator asks REST: legs by WHIP and WHEP have lines, too.

use super::*;
use rotunda_domain::line::Way;
use rotunda_domain::{LineLevel, LineQuality, PictureSize};
use uuid::Uuid;

fn narrow() -> LineQuality {
    LineQuality {
        level: LineLevel::Poor,
        picture: PictureSize::Quarter,
        is_over_tcp: true,
        round_trip_ms: Some(180),
        down: Way { lost_per_mille: Some(25), jitter_ms: None, kbps: 96 },
        up: Way::default(),
    }
}

/// Asks until there is something to show of so many. A session begins when its first leg is up, which the
/// stage's `leg` says and does not wait for: until then it is not found.
async fn lines(stage: &Stage, session: SessionId, count: usize) -> Vec<Value> {
    let path = format!("/room_sessions/{session}/network_quality");
    loop {
        let answer = stage.desk.get(&path).await;
        if answer.status == StatusCode::NOT_FOUND {
            tokio::task::yield_now().await;
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.json);
        let data = answer.json["data"].as_array().unwrap().clone();
        assert!(data.len() <= count, "{data:?}");
        if data.len() == count {
            return data;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_lines_of_a_session_that_runs_are_listed_audience_too_and_those_of_no_other() {
    let stage = Stage::open().await;
    stage.leg("/whip", json!({"user_name": "Ann"})).await;
    let viewer = stage.leg("/whep", json!({"user_name": "Ben"})).await;
    let asked = stage.engine.asked.lock().unwrap().last().cloned().unwrap();
    assert!(lines(&stage, asked.session, 0).await.is_empty(), "nothing was measured yet");
    stage.listener.happened(asked.session, Outcome::Line(asked.leg, narrow()));
    let expected = json!({
        "id": asked.member.0, "name": "Ben", "type": "audience",
        "network_quality": {
            "level": "poor", "picture": "quarter", "over_tcp": true, "round_trip_ms": 180,
            "down": {"loss_percent": 2.5, "jitter_ms": null, "kbps": 96},
            "up": {"loss_percent": null, "jitter_ms": null, "kbps": 0},
        },
    });
    assert_eq!(lines(&stage, asked.session, 1).await, [expected]);
    let path = format!("/room_sessions/{}/network_quality", asked.session);
    let (other, secret) = stage.desk.stranger(&["video"]).await;
    let theirs = stage.desk.send("GET", &path, &basic(other, &secret), Vec::new()).await;
    assert_eq!(
        (theirs.status, theirs.json),
        (StatusCode::NOT_FOUND, json!({"error": "Not Found"}))
    );
    assert_eq!(stage.send(("DELETE", &viewer, &[]), "").await.status, StatusCode::OK);
    assert!(lines(&stage, asked.session, 0).await.is_empty(), "whoever left is not there");
}

#[tokio::test]
async fn the_lines_of_a_session_that_is_over_or_never_was_are_not_found() {
    let stage = Stage::open().await;
    let publisher = stage.leg("/whip", json!({})).await;
    let asked = stage.engine.asked.lock().unwrap().last().cloned().unwrap();
    lines(&stage, asked.session, 0).await;
    assert_eq!(stage.send(("DELETE", &publisher, &[]), "").await.status, StatusCode::OK);
    for id in [asked.session.to_string(), Uuid::nil().to_string(), "nonsense".to_owned()] {
        let answer = stage.desk.get(&format!("/room_sessions/{id}/network_quality")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
    }
}
