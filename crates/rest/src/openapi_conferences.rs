//! Bodies of conferences as the API document shows them; see `openapi_bodies.rs`.

#![allow(dead_code, reason = "only their shapes are used")]

use serde_json::Value;
use utoipa::ToSchema;

macro_rules! conference_fields {
    ($(#[$doc:meta])* $name:ident { $($extra:tt)* }) => {
        $(#[$doc])*
        #[derive(ToSchema)]
        pub(crate) struct $name {
            $($extra)*
            #[schema(max_length = 3000)]
            description: Option<String>,
            /// Nobody new comes in before this time. RFC 3339, a date (midnight UTC) or Unix seconds.
            #[schema(format = DateTime)]
            join_from: Option<String>,
            /// Nobody new comes in from this time on.
            #[schema(format = DateTime)]
            join_until: Option<String>,
            /// 720p or 1080p.
            #[schema(default = "720p")]
            quality: Option<String>,
            /// The initial layout of each session.
            #[schema(default = "grid-responsive")]
            layout: Option<String>,
            /// small (10 members), medium (50) or large (300).
            #[schema(default = "medium")]
            size: Option<String>,
            #[schema(default = false)]
            record_on_start: Option<bool>,
            #[schema(default = true)]
            tone_on_entry_and_exit: Option<bool>,
            #[schema(default = false)]
            room_join_video_off: Option<bool>,
            #[schema(default = false)]
            user_join_video_off: Option<bool>,
            #[schema(default = false)]
            enable_room_previews: Option<bool>,
            /// Whether those who take part write to each other.
            #[schema(default = true)]
            enable_chat: Option<bool>,
            /// At most 2000 characters when written.
            #[schema(value_type = Option<Object>)]
            meta: Option<Value>,
            #[schema(default = "#044EF4", pattern = "^#[0-9a-fA-F]{6}$")]
            dark_primary: Option<String>,
            #[schema(default = "#FFFFFF", pattern = "^#[0-9a-fA-F]{6}$")]
            dark_background: Option<String>,
            #[schema(default = "#1D2127", pattern = "^#[0-9a-fA-F]{6}$")]
            dark_foreground: Option<String>,
            #[schema(default = "#17BB58", pattern = "^#[0-9a-fA-F]{6}$")]
            dark_success: Option<String>,
            #[schema(default = "#F42C50", pattern = "^#[0-9a-fA-F]{6}$")]
            dark_negative: Option<String>,
            #[schema(default = "#044EF4", pattern = "^#[0-9a-fA-F]{6}$")]
            light_primary: Option<String>,
            #[schema(default = "#FFFFFF", pattern = "^#[0-9a-fA-F]{6}$")]
            light_background: Option<String>,
            #[schema(default = "#1D2127", pattern = "^#[0-9a-fA-F]{6}$")]
            light_foreground: Option<String>,
            #[schema(default = "#17BB58", pattern = "^#[0-9a-fA-F]{6}$")]
            light_success: Option<String>,
            #[schema(default = "#F42C50", pattern = "^#[0-9a-fA-F]{6}$")]
            light_negative: Option<String>,
        }
    };
}

conference_fields! {
    /// A new conference.
    CreateConference {
        /// What people read.
        #[schema(max_length = 200)]
        display_name: String,
        /// Unique within the project, rooms included; made of display_name when absent.
        #[schema(max_length = 100, pattern = "^[A-Za-z0-9_-]+$")]
        name: Option<String>,
    }
}

conference_fields! {
    /// Changes to a conference: what is left out stays, null puts a field back to its default.
    UpdateConference {
        /// What people read.
        #[schema(max_length = 200)]
        display_name: Option<String>,
    }
}
