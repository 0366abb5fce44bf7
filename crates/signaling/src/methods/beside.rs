//! What is asked beside the methods of a session, as the page of methods tells it. `peer/requests.rs`
//! answers it.

/// One thing that is asked, in the words of [`Method`](super::method::Method).
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// The permission it needs.
    pub permission: &'static str,
    /// Its parameters, in words.
    pub params: &'static str,
    /// What is told because of it.
    pub event: &'static str,
    /// The SDK's method that calls it.
    pub sdk: &'static str,
    /// The file of `tests/e2e`, without `.test.mjs`, in which its effect is seen and heard.
    pub test: &'static str,
}

/// All of it.
pub const BESIDE: [Beside; 11] = [
    Beside {
        name: "video.rooms.get",
        doc: "Lists the sessions of the project, without members.",
        permission: "an API token",
        params: "none",
        event: "none",
        sdk: "getRoomSessions",
        test: "node",
    },
    Beside {
        name: "signalwire.subscribe",
        doc: "Listens to all rooms of the project, or to one session.",
        permission: "an API token",
        params: "event_channel (`video.rooms` or a session's); events []; get_initial_state?",
        event: "room.started of all that run; room.subscribed of the session",
        sdk: "listen",
        test: "node",
    },
    Beside {
        name: "video.lobby.enter",
        doc: "Waits to be let in, where the room has a lobby.",
        permission: "none; not needed with room.lobby.skip or room.member.promote",
        params: "name? (where the token has none)",
        event: "lobby.updated to hosts who named it; lobby.admitted or lobby.denied to the caller",
        sdk: "execute",
        test: "lobby",
    },
    Beside {
        name: "video.lobby.leave",
        doc: "Waits no more.",
        permission: "none",
        params: "none",
        event: "lobby.updated to hosts who named it",
        sdk: "execute",
        test: "lobby",
    },
    Beside {
        name: "verto.invite",
        doc: "Joins; with `screenShare` or `additionalDevice` adds a leg.",
        permission: "none; room.self.screenshare; room.self.additional_source; to seat others room.set_position too",
        params: "sdp; layout?; positions?",
        event: "room.subscribed; member.joined; layout.changed",
        sdk: "startScreenShare",
        test: "legs",
    },
    Beside {
        name: "verto.bye",
        doc: "Leaves, or ends a leg.",
        permission: "none",
        params: "none",
        event: "member.left; layout.changed",
        sdk: "leave",
        test: "legs",
    },
    Beside {
        name: "verto.bye (REJECT_ALL)",
        doc: "Ends one's own legs, and everybody's.",
        permission: "none; for others room.member.remove",
        params: "cause, causeCode",
        event: "member.left; room.ended",
        sdk: "hangupAll",
        test: "examples",
    },
    Beside {
        name: "verto.info",
        doc: "Sends digits.",
        permission: "none",
        params: "dtmf, 1 to 32 of 0-9 A-D * #",
        event: "member.digits in the session's list",
        sdk: "sendDigits",
        test: "examples",
    },
    Beside {
        name: "verto.modify (updateMedia)",
        doc: "Renegotiates a leg; the answer mirrors its directions.",
        permission: "none",
        params: "sdp",
        event: "none",
        sdk: "updateMedia",
        test: "media",
    },
    Beside {
        name: "verto.modify (hold)",
        doc: "Stops all media of a leg.",
        permission: "none",
        params: "none",
        event: "member.updated [visible]; layout.changed",
        sdk: "hold",
        test: "media",
    },
    Beside {
        name: "verto.modify (unhold)",
        doc: "Resumes it.",
        permission: "none",
        params: "none",
        event: "member.updated [visible]; layout.changed",
        sdk: "unhold",
        test: "media",
    },
];
