//! Settings and people as JSON, with the names of the settings page.

use rotunda_domain::SessionId;
use rotunda_domain::videochat::{
    Column, EngineName, IdentityView, Ranks, Setting, SettingValue, Shape, VideochatSettings,
    VideochatView,
};
use serde_json::{Value, json};

/// These of the settings, by name.
pub(crate) fn settings<'a>(
    set: &VideochatSettings,
    these: impl IntoIterator<Item = &'a Setting>,
) -> Value {
    let entry = |setting: &Setting| (setting.field.to_owned(), shape(*set, &setting.shape));
    Value::Object(these.into_iter().map(entry).collect())
}

fn shape(set: VideochatSettings, shape: &Shape) -> Value {
    let entry = |(name, column): &(&str, Column)| ((*name).to_owned(), value(set, column));
    match shape {
        Shape::Value(column) => value(set, column),
        Shape::Object(members) => Value::Object(members.iter().map(entry).collect()),
    }
}

fn value(mut set: VideochatSettings, column: &Column) -> Value {
    match (column.value)(&mut set) {
        SettingValue::Word(word) => word.word().into(),
        SettingValue::Flag(flag) => (*flag).into(),
        SettingValue::Limit(limit) => (*limit).into(),
        SettingValue::Notification(mode) => mode.number().into(),
    }
}

/// What somebody is and may, as booleans.
pub(crate) fn permissions(ranks: Ranks, speaks: bool, watches: bool) -> Value {
    json!({
        "isOwner": ranks.owner,
        "isPanelist": ranks.panelist,
        "isModerator": ranks.moderates(),
        "isPresenter": ranks.presenter,
        "isCoPresenter": ranks.co_presenter,
        "isPromoted": speaks,
        "isParticipant": !watches,
        "isListener": watches,
    })
}

/// Somebody with a seat.
pub(crate) fn identity(seat: &IdentityView) -> Value {
    json!({
        "identity": seat.id.to_string(),
        "uid": seat.uid,
        "seqNumber": seat.uid,
        "user": user(seat),
        "permissions": permissions(seat.ranks, seat.speaks, false),
        "connectionStatus": if seat.is_away { 2 } else { 1 },
        "microphoneStatus": u8::from(seat.microphone_on),
        "handStatus": if seat.hand_up { 2 } else { 0 },
        "isPromotionRequested": seat.asks,
    })
}

pub(crate) fn user(seat: &IdentityView) -> Value {
    json!({ "id": &*seat.user, "name": &*seat.name })
}

/// A videochat in full, as its caller may see it.
pub(crate) fn status(id: SessionId, room: &str, view: &VideochatView) -> Value {
    let engine = view.engine;
    let requests: Vec<&str> = view.requests.iter().map(|user| &**user).collect();
    let sharing: Vec<String> = view.sharing.iter().map(ToString::to_string).collect();
    json!({
        "videochatId": id.to_string(),
        "sourceMode": "room",
        "sourceId": room,
        "roomId": room,
        "mode": view.settings.mode.as_str(),
        "engine": engine.as_str(),
        "type": if engine == EngineName::Twilio { view.room_type.as_str().into() } else { Value::Null },
        "isActive": true,
        "isPresentationActive": view.board_in_use,
        "isStreamEnabled": view.settings.enable_streaming,
        "isLiveStreaming": view.live.is_some(),
        "streamPlaybackUrl": view.live.as_ref().and_then(Option::as_deref),
        "videochatLimit": view.limit,
        "counter": view.counter,
        "identities": view.identities.iter().map(identity).collect::<Vec<_>>(),
        "promotionRequests": requests,
        "shareScreenIdentities": sharing,
        "shareScreenIdentity": sharing.first(),
    })
}
