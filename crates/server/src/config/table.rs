//! The table of settings: each has a kind, a default and a sentence.

/// What a setting's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text that is not shown.
    Secret,
    /// A list of texts; in the environment separated by commas.
    Texts,
    /// Such a list that is not shown.
    SecretTexts,
    /// A whole number within these bounds.
    Whole(i64, i64),
    /// `true` or `false`.
    Switch,
}

impl Kind {
    /// Whether a value of this kind is never printed.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::SecretTexts)
    }
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Section and key.
    pub key: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// Its default, as TOML.
    pub default: &'static str,
    /// What it is for, unit included.
    pub doc: &'static str,
}

const fn setting(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
) -> Setting {
    Setting { key, kind, default, doc }
}

/// All settings, in the order `config print` shows them.
pub const SETTINGS: &[Setting] = &[
    setting(
        "server.listen",
        Kind::Text,
        "\"0.0.0.0:7880\"",
        "Address and port of HTTP, HTTPS and WebSocket; a TLS client is known by its first byte.",
    ),
    setting(
        "server.data_dir",
        Kind::Text,
        "\"rotunda-data\"",
        "Folder of database and keys; made if missing.",
    ),
    setting(
        "server.public_url",
        Kind::Text,
        "\"\"",
        "Address clients are to use, with scheme wss:// or ws://; written into every room token, where it replaces the SDK's host option.",
    ),
    setting(
        "server.trusted_proxies",
        Kind::Texts,
        "[]",
        "Addresses or networks of proxies in front, such as 127.0.0.1 or 10.0.0.0/8; only from them Forwarded and X-Forwarded-For, -Proto and -Host are believed.",
    ),
    setting(
        "server.max_connections",
        Kind::Whole(64, 500_000),
        "16384",
        "Most connections of all doors together; at most half of the files the process may open.",
    ),
    setting(
        "server.unproven_per_address",
        Kind::Whole(8, 100_000),
        "1024",
        "Most connections of one address, an IPv6 /64 being one, that have shown no good token; the oldest gives way.",
    ),
    setting(
        "server.strangers_per_address",
        Kind::Whole(1, 4000),
        "100",
        "Most sockets of one address that have not shown who they are; the one that has waited longest gives way.",
    ),
    setting(
        "server.shutdown_seconds",
        Kind::Whole(0, 300),
        "10",
        "Most time for ending sessions after SIGTERM or SIGINT; a second one ends at once.",
    ),
    setting(
        "server.memory_bytes",
        Kind::Whole(0, i64::MAX),
        "0",
        "Nothing new begins while this process and its children use more memory; 0 takes nine tenths of what the control group or the machine has.",
    ),
    setting(
        "tls.cert_file",
        Kind::Text,
        "\"\"",
        "Certificate chain, PEM. Without it `serve` speaks HTTP only and `dev` makes its own.",
    ),
    setting("tls.key_file", Kind::Text, "\"\"", "Private key of the certificate, PEM."),
    setting(
        "metrics.listen",
        Kind::Text,
        "\"127.0.0.1:7883\"",
        "Address of /metrics (Prometheus text); keep it on loopback.",
    ),
    setting(
        "media.listen",
        Kind::Text,
        "\"\"",
        "Address media listens on; `::` is all interfaces, IPv4 too. Empty: where server.listen is, but all interfaces when that is loopback and this is `serve`.",
    ),
    setting(
        "media.udp_port",
        Kind::Whole(0, 65535),
        "7882",
        "The one UDP port of all media; 0 takes any.",
    ),
    setting(
        "media.tcp_port",
        Kind::Whole(0, 65535),
        "7881",
        "ICE-TCP port for networks without UDP; 0 takes any.",
    ),
    setting(
        "media.public_ips",
        Kind::Texts,
        "[]",
        "Addresses under which the world reaches this host through a 1:1 NAT.",
    ),
    setting(
        "media.ice_servers",
        Kind::SecretTexts,
        "[]",
        "STUN and TURN servers clients are told of: `stun:HOST`, `turn:HOST USER PASSWORD`, or `turn:HOST` with media.turn_secret. This server needs none; clients behind strict firewalls may.",
    ),
    setting(
        "media.turn_secret",
        Kind::Secret,
        "\"\"",
        "Secret shared with the TURN servers that have no password above (coturn: static-auth-secret); everybody gets credentials of their own made of it.",
    ),
    setting(
        "media.turn_credential_seconds",
        Kind::Whole(60, 2_592_000),
        "86400",
        "How long such credentials last.",
    ),
    setting(
        "media.codecs",
        Kind::Texts,
        "[\"h264\", \"vp8\"]",
        "Video codecs; leave h264 out to switch it off. vp8 must stay.",
    ),
    setting("canvas.fps_720p", Kind::Whole(1, 60), "20", "Frames a second of a 720p canvas."),
    setting("canvas.fps_1080p", Kind::Whole(1, 60), "30", "Frames a second of a 1080p canvas."),
    setting(
        "canvas.bitrate_720p",
        Kind::Whole(100_000, 12_000_000),
        "2000000",
        "Bits a second of a 720p canvas.",
    ),
    setting(
        "canvas.bitrate_1080p",
        Kind::Whole(100_000, 12_000_000),
        "4000000",
        "Bits a second of a 1080p canvas.",
    ),
    setting(
        "canvas.name_banners",
        Kind::Switch,
        "false",
        "Draw each member's name into their cell.",
    ),
    setting(
        "canvas.crop",
        Kind::Switch,
        "false",
        "Cut pictures of other aspects to fill their cell instead of leaving bars.",
    ),
    setting(
        "canvas.uplink_shaping",
        Kind::Switch,
        "true",
        "Ask each sender for no more than its cell can show (REMB).",
    ),
    setting(
        "session.grace_seconds",
        Kind::Whole(27, 3600),
        "30",
        "How long a seat is kept for someone whose socket or media is gone; browsers need 27.",
    ),
    setting(
        "session.max_audience",
        Kind::Whole(0, 1_000_000),
        "10000",
        "Most people looking on in one session.",
    ),
    setting(
        "session.lock_is_open",
        Kind::Switch,
        "false",
        "Let everybody lock and unlock a session, whatever their token says.",
    ),
    setting(
        "session.ban_removed",
        Kind::Switch,
        "true",
        "Whether the token of somebody who was removed opens that room session no more, by any door; a fresh token does, and so does one that somebody else who is there came in by too.",
    ),
    setting(
        "session.screenshare_is_open",
        Kind::Switch,
        "false",
        "Let every member share a screen, whatever their token says.",
    ),
    setting(
        "outputs.ffmpeg",
        Kind::Text,
        "\"ffmpeg\"",
        "The ffmpeg program that recordings and playbacks need: a path, or a name looked for in PATH.",
    ),
    setting(
        "recordings.folder",
        Kind::Text,
        "\"\"",
        "Folder of recordings; empty is `recordings` in server.data_dir.",
    ),
    setting(
        "recordings.bucket",
        Kind::Text,
        "\"\"",
        "s3://BUCKET or s3://BUCKET/PREFIX finished recordings are moved to; its credentials are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment.",
    ),
    setting(
        "recordings.bucket_endpoint",
        Kind::Text,
        "\"\"",
        "https://HOST:PORT of a store that speaks S3 and is not AWS.",
    ),
    setting("recordings.bucket_region", Kind::Text, "\"\"", "Region of the bucket."),
    setting(
        "recordings.quota_bytes",
        Kind::Whole(0, i64::MAX),
        "0",
        "No recording begins when the folder holds this many bytes; 0 is no bound.",
    ),
    setting(
        "recordings.keep_days",
        Kind::Whole(0, 36_500),
        "0",
        "Finished recordings are deleted after so many days; 0 keeps them.",
    ),
    setting(
        "recordings.keep_bytes",
        Kind::Whole(0, i64::MAX),
        "0",
        "The oldest finished recordings are deleted when there are more bytes than this; 0 keeps them.",
    ),
    setting(
        "history.keep_days",
        Kind::Whole(0, 36_500),
        "0",
        "Sessions are forgotten so many days after their end, with members and events; 0 keeps them. One with a stored recording stays.",
    ),
    setting(
        "history.keep_bytes",
        Kind::Whole(0, i64::MAX),
        "0",
        "The sessions that ended first are forgotten while the database holds more bytes than this; 0 keeps them.",
    ),
    setting(
        "livechat.push_give_up_seconds",
        Kind::Whole(1, 31_536_000),
        "259200",
        "How long is tried to push a finished recording to the server of its live-chat site; then it waits for `rotunda push retry`.",
    ),
    setting(
        "limits.legs_per_token",
        Kind::Whole(1, 4096),
        "256",
        "Legs one room token may have at a time; raise it where many watch with the same token.",
    ),
    setting(
        "limits.joining_per_token",
        Kind::Whole(1, 4096),
        "32",
        "Legs of one room token that were answered and have not connected yet; the oldest gives way.",
    ),
    setting(
        "limits.legs_per_project",
        Kind::Whole(1, 4096),
        "3584",
        "Legs one project may have at a time; the server has 4096.",
    ),
    setting(
        "limits.joining_per_project",
        Kind::Whole(1, 4096),
        "1536",
        "Legs of one project that were answered and have not connected yet.",
    ),
    setting(
        "limits.legs_per_address",
        Kind::Whole(1, 4096),
        "2048",
        "Legs of clients at one address, an IPv6 /64 being one; raise it behind a proxy that is not trusted.",
    ),
    setting(
        "limits.joining_per_address",
        Kind::Whole(1, 4096),
        "1024",
        "Legs of clients at one address that were answered and have not connected yet.",
    ),
    setting(
        "signal.allowed_origins",
        Kind::Texts,
        "[]",
        "Pages that may open a WebSocket; empty is any, for tokens travel in messages, not cookies.",
    ),
    setting(
        "webui.frame_ancestors",
        Kind::Texts,
        "[]",
        "Sites that may show the page in a frame beside this server's own: origins (https://www.example.com), or * for any.",
    ),
    setting(
        "videochat.auto_promotion_limit",
        Kind::Whole(0, 10_000),
        "0",
        "How many have voice without asking in rooms without a number of their own; 0 is nobody in a conference and everybody elsewhere.",
    ),
    setting(
        "videochat.auto_demote_on_limit",
        Kind::Switch,
        "false",
        "Whether those lose it again when there are more, in such rooms.",
    ),
    setting(
        "videochat.auto_demote_reading",
        Kind::Text,
        "\"collapse\"",
        "Who loses it then: collapse (all of them), trim (who came last) or rolling (who came first).",
    ),
    setting(
        "videochat.calm_seconds",
        Kind::Whole(0, 3600),
        "10",
        "How long there must be no more than the limit before voices lost together are given back.",
    ),
    setting(
        "videochat.limit",
        Kind::Whole(0, 10_000),
        "0",
        "Identities in rooms without a number of their own; 0 is no limit.",
    ),
    setting(
        "videochat.notification_mode",
        Kind::Whole(1, 3),
        "2",
        "What mode 0 of a room means: 1 do not show, 2 show, 3 show and sound.",
    ),
    setting(
        "videochat.session_hours",
        Kind::Whole(1, 720),
        "12",
        "How long a session of a user lasts that says nothing of it.",
    ),
    setting(
        "videochat.live_stream_url",
        Kind::Secret,
        "\"\"",
        "Where startLiveStream without an address sends a videochat, rtmp:// or rtmps://; {videochatId} and {roomId} are filled in.",
    ),
    setting(
        "videochat.live_playback_url",
        Kind::Text,
        "\"\"",
        "Where people see such a stream, https://…; the same is filled in.",
    ),
    setting(
        "twilio.account_sid",
        Kind::Text,
        "\"\"",
        "Account of Twilio Video, AC…; with the two below rooms may be set to engine twilio.",
    ),
    setting("twilio.api_key", Kind::Text, "\"\"", "API key of Twilio, SK…."),
    setting("twilio.api_secret", Kind::Secret, "\"\"", "The secret of that API key."),
    setting(
        "agora.app_id",
        Kind::Text,
        "\"\"",
        "App id of Agora, 32 hex digits; with the certificate rooms may be set to engine agora.",
    ),
    setting(
        "agora.app_certificate",
        Kind::Secret,
        "\"\"",
        "The primary certificate of that app, 32 hex digits.",
    ),
    setting(
        "livekit.url",
        Kind::Text,
        "\"\"",
        "Where clients reach LiveKit, wss://…; with the two below rooms may be set to engine livekit.",
    ),
    setting("livekit.api_key", Kind::Text, "\"\"", "API key of LiveKit."),
    setting("livekit.api_secret", Kind::Secret, "\"\"", "The secret of that API key."),
    setting(
        "network.allow_private",
        Kind::Switch,
        "false",
        "Let playback, streams and pushes reach private addresses.",
    ),
    setting(
        "network.allow_addresses",
        Kind::Texts,
        "[]",
        "Further addresses that playback, streams and pushes may reach, such as 10.1.0.0/16; the public Internet it always may.",
    ),
    setting(
        "network.ca_file",
        Kind::Text,
        "\"\"",
        "Certificate authorities, PEM, that playback, streams and pushes trust; empty takes those of the machine.",
    ),
    setting(
        "playback.max_at_once",
        Kind::Whole(0, 10_000),
        "32",
        "Most playbacks of all sessions together; each is a decoding ffmpeg.",
    ),
    setting(
        "log.format",
        Kind::Text,
        "\"auto\"",
        "text, json, or auto: text on a terminal, json otherwise.",
    ),
    setting("log.level", Kind::Text, "\"info\"", "error, warn, info, debug or trace."),
    setting(
        "openapi.public_base",
        Kind::Text,
        "\"\"",
        "Base of links in REST lists, such as https://rooms.example.org; empty takes the request's Host.",
    ),
];
