//! What a room token grants, in the SDK's words (wire protocol §3.2): said when somebody connects, and again when
//! they are promoted or demoted. There is no `jti`: its presence turns the client into another product's.

use crate::shape::{Sometimes, Word, shape};
use rotunda_domain::{Flow, Grant, JoinAs, MediaAllowed};
use serde_json::{Map, Value};
use uuid::Uuid;

shape! {
    /// What a room token grants.
    Authorization<'a> {
        r#type: &'static str,
        project: Uuid,
        project_id: Uuid,
        scopes: &'static [&'static str],
        /// The project's, too.
        scope_id: Uuid,
        resource: &'a str,
        signature: &'a str,
        join_as: Word<JoinAs>,
        user_name: &'a str,
        /// Which media: of members what they may send, of audience what they may receive.
        media_allowed: Word<MediaAllowed>,
        audio_allowed: Word<Flow>,
        video_allowed: Word<Flow>,
        /// When the token ends, in seconds since 1970 UTC.
        expires_at: Sometimes<i64>,
        auto_create_room: bool,
        join_from: Option<i64>,
        join_until: Option<i64>,
        remove_at: Option<i64>,
        remove_after_seconds_elapsed: Option<u32>,
        /// What the application keeps with the person.
        meta: &'a Map<String, Value>,
        room: AuthorizedRoom<'a>,
    }
}

shape! {
    /// The room that a token opens.
    AuthorizedRoom<'a> {
        name: &'a str,
        display_name: &'a str,
        /// What one may do there.
        scopes: &'a [String],
        /// What the application keeps with it.
        meta: &'a Map<String, Value>,
    }
}

impl<'a> Authorization<'a> {
    /// What `grant` grants to whom `signature` and `resource` name, of a room of this name and meta.
    pub fn of(
        (signature, resource): (&'a str, &'a str),
        grant: &'a Grant,
        (display_name, room_meta): (&'a str, &'a Map<String, Value>),
    ) -> Self {
        let project = grant.project.0;
        Self {
            r#type: "video",
            project,
            project_id: project,
            scopes: &["video"],
            scope_id: project,
            resource,
            signature,
            join_as: Word(grant.join_as),
            user_name: &grant.user_name,
            media_allowed: Word(grant.media_allowed),
            audio_allowed: Word(grant.audio_flow()),
            video_allowed: Word(grant.video_flow()),
            expires_at: Sometimes(grant.expires_at),
            auto_create_room: grant.auto_create_room,
            join_from: grant.window.join_from,
            join_until: grant.window.join_until,
            remove_at: grant.window.remove_at,
            remove_after_seconds_elapsed: grant.window.remove_after_s,
            meta: &grant.meta,
            room: AuthorizedRoom {
                name: &grant.room_name,
                display_name,
                scopes: grant.permissions.as_slice(),
                meta: room_meta,
            },
        }
    }
}
