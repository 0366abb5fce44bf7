//! Room tokens: what we write we read, and nothing else is let in.

use super::*;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use rotunda_domain::videochat::{Caller, RoomRight};
use rotunda_domain::{Identity, JoinAs, MediaAllowed, MemberId, Permissions};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use uuid::Uuid;

const NOW: i64 = 1_800_000_000;

struct Desk {
    store: Store,
    keys: Keys,
    project: ProjectId,
    folder: PathBuf,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Desk {
    async fn open() -> Self {
        let folder = std::env::temp_dir().join(format!("rotunda-auth-{}", Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let store = Store::open(folder.join("test.db")).await.unwrap();
        let project = store.create_project(None, "ours").await.unwrap().id;
        Self { store, keys: Keys::default(), project, folder }
    }

    async fn key(&self, project: ProjectId) -> [u8; 64] {
        self.store.signing_key(project).await.unwrap().unwrap().0
    }

    fn grant(&self) -> Grant {
        Grant {
            token_id: Uuid::new_v4().to_string(),
            user_name: "Ada".into(),
            ..Grant::for_room(self.project, "lobby")
        }
    }

    async fn mint(&self, grant: &Grant) -> String {
        self.keys.mint(&self.store, grant, None, NOW).await.unwrap()
    }

    async fn read(&self, token: &str) -> Result<Grant, TokenRefused> {
        self.keys.open(&self.store, token, NOW).await.map(|bearer| bearer.grant)
    }

    /// A token with this payload, signed as ours are.
    async fn signed(&self, claims: &Value) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA512, &self.key(self.project).await);
        jwt::sign(&key, None, claims)
    }
}

fn forge(algorithm: hmac::Algorithm, key: &[u8], header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(payload));
    let signature = hmac::sign(&hmac::Key::new(algorithm, key), signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(signature))
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn every_claim_comes_back_as_it_was_granted() {
    let desk = Desk::open().await;
    let plain = desk.grant();
    let changes: [fn(&mut Grant); 18] = [
        |_| {},
        |g| g.room_name = "a_B-9".into(),
        |g| g.user_name = "Ünï \u{1F600} \"quoted\"".into(),
        |g| (g.join_as, g.permissions) = (JoinAs::Audience, Permissions::from_list(vec![])),
        |g| g.permissions = Permissions::from_list(vec![]),
        |g| g.permissions = Permissions::from_list(vec!["video.member.raisehand".into()]),
        |g| g.media_allowed = MediaAllowed::VideoOnly,
        |g| g.window.join_from = Some(NOW - 5),
        |g| g.window.join_until = Some(NOW + 5),
        |g| (g.window.remove_at, g.window.remove_after_s) = (Some(-1), Some(200_000)),
        |g| g.join_audio_muted = true,
        |g| g.join_video_muted = true,
        |g| g.auto_create_room = false,
        |g| g.enable_room_previews = true,
        |g| g.room_display_name = Some("The Lobby".into()),
        |g| g.end_room_session_on_leave = true,
        |g| (g.meta, g.room_meta) = (object(json!({"a": [1, null]})), object(json!({"b": {}}))),
        |g| g.audio_video_sync = true,
    ];
    let mut all = plain.clone();
    for change in changes {
        let mut grant = plain.clone();
        change(&mut grant);
        assert_eq!(desk.read(&desk.mint(&grant).await).await.unwrap(), grant);
        change(&mut all);
    }
    all.join_as = JoinAs::Member;
    assert_eq!(desk.read(&desk.mint(&all).await).await.unwrap(), all);
}

#[tokio::test]
async fn a_plain_token_says_only_what_is_not_default() {
    let desk = Desk::open().await;
    let token = desk.mint(&desk.grant()).await;
    assert_eq!(part(&token, 0), json!({"typ": "VRT", "alg": "HS512"}));
    let names: Vec<_> = object(part(&token, 1)).keys().cloned().collect();
    assert_eq!(names, ["iat", "jti", "sub", "r", "u", "s", "acr", "ja"]);
    assert_eq!(part(&token, 1)["sub"], json!(desk.project.0));
    assert_eq!(token.rsplit('.').next().unwrap().len(), 86, "64 bytes of signature");
}

#[tokio::test]
async fn the_header_carries_the_public_url_when_there_is_one() {
    let desk = Desk::open().await;
    let grant = desk.grant();
    let url = Some("wss://rooms.example");
    let token = desk.keys.mint(&desk.store, &grant, url, NOW).await.unwrap();
    assert_eq!(part(&token, 0)["ch"], "wss://rooms.example");
    assert_eq!(desk.read(&token).await.unwrap(), grant);
}

#[tokio::test]
async fn a_token_without_a_user_name_gives_a_fresh_one_each_time() {
    let desk = Desk::open().await;
    let token = desk.mint(&Grant { user_name: String::new(), ..desk.grant() }).await;
    let one = desk.read(&token).await.unwrap().user_name;
    let two = desk.read(&token).await.unwrap().user_name;
    assert_ne!(one, two);
    assert!(one.len() == 10 && one.bytes().all(|b| b.is_ascii_alphanumeric()), "{one}");
}

#[tokio::test]
async fn a_name_turns_nothing_around_that_stands_beside_it_and_one_that_nobody_sees_is_none() {
    let desk = Desk::open().await;
    for (name, seen) in [
        ("\u{202e}nimdA\u{202c}", "nimdA"),
        ("\u{2067}Ann\u{2069} (host)", "Ann (host)"),
        ("\u{5d0}\u{5d1}\u{200f}", "\u{5d0}\u{5d1}\u{200f}"),
    ] {
        let token = desk.mint(&Grant { user_name: name.into(), ..desk.grant() }).await;
        assert_eq!(desk.read(&token).await.unwrap().user_name, seen);
    }
    let unseen = Grant { user_name: "\u{200b}\u{202e} ".into(), ..desk.grant() };
    let token = desk.mint(&unseen).await;
    let name = desk.read(&token).await.unwrap().user_name;
    assert!(name.len() == 10 && name.is_ascii(), "{name}");
}

#[tokio::test]
async fn a_token_that_says_nothing_beyond_its_room_grants_what_is_granted_for_a_room() {
    let desk = Desk::open().await;
    let claims = json!({"iat": NOW, "jti": "1", "sub": desk.project.0, "r": "lobby"});
    let grant = desk.read(&desk.signed(&claims).await).await.unwrap();
    let (token_id, user_name) = ("1".into(), grant.user_name.clone());
    let plain = Grant { token_id, user_name, ..Grant::for_room(desk.project, "lobby") };
    assert_eq!(grant, plain);
}

#[tokio::test]
async fn a_seat_of_the_videochat_is_read_with_its_user_and_one_of_an_older_token_without() {
    let desk = Desk::open().await;
    let seat = MemberId(Uuid::from_u128(7));
    let caller = Caller { user: "ada".into(), right: RoomRight::Contribute };
    let identity = Some(Identity { seat, caller, watches: true });
    let link = Some(rotunda_domain::LinkId(Uuid::new_v4()));
    let grant = Grant { identity, link, ..desk.grant() };
    assert_eq!(desk.read(&desk.mint(&grant).await).await.unwrap(), grant);
    let older = json!({"iat": NOW, "jti": "1", "sub": desk.project.0, "r": "lobby", "vi": seat.0});
    let identity = desk.read(&desk.signed(&older).await).await.unwrap().identity.unwrap();
    assert_eq!((identity.seat, identity.caller.right), (seat, RoomRight::View));
}

#[tokio::test]
async fn audience_has_no_permissions_whatever_its_token_lists_but_may_be_spared_the_lobby() {
    let desk = Desk::open().await;
    for (listed, held) in [
        (json!(["room.lock"]), json!([])),
        (json!(["room.lock", "room.lobby.skip"]), json!(["room.lobby.skip"])),
    ] {
        let claims = json!({"iat": NOW, "jti": "1", "sub": desk.project.0, "r": "lobby",
            "ja": "audience", "s": listed});
        let grant = desk.read(&desk.signed(&claims).await).await.unwrap();
        assert_eq!(json!(grant.permissions.as_slice()), held);
    }
}

#[tokio::test]
async fn exp_and_nbf_are_enforced_and_must_be_numbers() {
    let desk = Desk::open().await;
    let mut claims = json!({"iat": NOW, "jti": "1", "sub": desk.project.0, "r": "lobby"});
    claims["exp"] = json!(NOW + 1);
    claims["nbf"] = json!(NOW as f64 - 0.5);
    let grant = desk.read(&desk.signed(&claims).await).await.unwrap();
    assert_eq!(grant.expires_at, Some(NOW + 1));
    let cases = [
        ("exp", json!(NOW), "token expired"),
        ("exp", json!(-5), "token expired"),
        ("exp", json!(NOW as f64 - 0.1), "token expired"),
        ("nbf", json!(NOW + 1), "token is not valid yet"),
        ("exp", json!((NOW + 9).to_string()), "not understood"),
        ("exp", json!(null), "not understood"),
        ("exp", json!([NOW + 9]), "not understood"),
        ("exp", json!(u64::MAX), "not understood"),
        ("exp", json!(1e300), "not understood"),
        ("nbf", json!("0"), "not understood"),
        ("nbf", json!(true), "not understood"),
    ];
    for (claim, value, text) in cases {
        let mut claims = claims.clone();
        claims[claim] = value.clone();
        let refused = desk.read(&desk.signed(&claims).await).await.unwrap_err().to_string();
        assert!(refused.contains(text), "{claim} {value}: {refused}");
    }
}

#[tokio::test]
async fn claims_of_the_wrong_type_are_refused_even_when_signed() {
    let desk = Desk::open().await;
    let good = json!({"iat": NOW, "jti": "1", "sub": desk.project.0, "r": "lobby"});
    assert!(desk.read(&desk.signed(&good).await).await.is_ok());
    let wrong = [
        ("r", json!("no spaces")),
        ("r", json!("")),
        ("r", json!(5)),
        ("ja", json!("king")),
        ("ma", json!("none")),
        ("s", json!("room.lock")),
        ("s", json!([1])),
        ("jf", json!("1")),
        ("ju", json!("2030-01-01")),
        ("rat", json!(1.5)),
        ("rse", json!(-1)),
        ("mta", json!([])),
        ("acr", json!("false")),
        ("iat", json!("now")),
        ("u", json!({})),
    ];
    for (claim, value) in wrong {
        let mut claims = good.clone();
        claims[claim] = value.clone();
        assert!(desk.read(&desk.signed(&claims).await).await.is_err(), "{claim} {value}");
    }
}

/// Every algorithm name, type and key a forger might try, on every payload that might tempt us.
async fn generated(desk: &Desk) -> Vec<String> {
    let other = desk.store.create_project(None, "theirs").await.unwrap().id;
    let (ours, theirs) = (desk.key(desk.project).await, desk.key(other).await);
    let project = desk.project.to_string();
    let keys: [(&str, &[u8]); 6] = [
        ("theirs", &theirs),
        ("nothing", b""),
        ("zeros", &[0; 64]),
        ("secret", b"secret"),
        ("project", project.as_bytes()),
        ("half of ours", &ours[..32]),
    ];
    let headers: Vec<String> =
        ["HS512", "none", "None", "HS256", "HS384", "hs512", "RS256", "ES512", ""]
            .iter()
            .map(|alg| json!({"typ": "VRT", "alg": alg}).to_string())
            .chain([
                r#"{"typ":"VRT","alg":"none","alg":"HS512"}"#.into(),
                r#"{"typ":"VRT","alg":"HS512","kid":"../../../dev/null"}"#.into(),
                r#"{"typ":"VRT","alg":"HS512","kid":"' OR 1=1 --"}"#.into(),
                r#"{"typ":"VRT","alg":"HS512","jwk":{"kty":"oct","k":""}}"#.into(),
                r#"{"typ":"JWT","alg":"HS512"}"#.into(),
            ])
            .collect();
    let subs = [desk.project, other, ProjectId(Uuid::new_v4()), ProjectId(Uuid::nil())];
    let mut tokens = Vec::new();
    for sub in subs {
        let payload = json!({"iat": NOW, "jti": "1", "sub": sub.0, "r": "lobby"}).to_string();
        for header in &headers {
            for (whose, key) in keys.iter().filter(|k| k.0 != "theirs" || sub != other) {
                let _ = whose;
                tokens.push(forge(hmac::HMAC_SHA512, key, header, &payload));
                tokens.push(forge(hmac::HMAC_SHA256, key, header, &payload));
            }
            let unsigned = format!("{}.{}", BASE64.encode(header), BASE64.encode(&payload));
            tokens.extend([
                unsigned.clone(),
                format!("{unsigned}."),
                format!("{unsigned}.AAAA"),
                format!("{unsigned}.{unsigned}"),
            ]);
        }
    }
    // Our own key, but an envelope we never write.
    let payload = json!({"iat": NOW, "jti": "1", "sub": desk.project.0, "r": "lobby"}).to_string();
    for header in headers.iter().skip(1).filter(|h| !h.contains("kid") && !h.contains("jwk")) {
        tokens.push(forge(hmac::HMAC_SHA512, &ours, header, &payload));
    }
    let header = &headers[0];
    tokens.push(forge(hmac::HMAC_SHA256, &ours, header, &payload));
    tokens.push(forge(
        hmac::HMAC_SHA512,
        &ours,
        r#"{"typ":"VRT","alg":"HS512","crit":["x"]}"#,
        &payload,
    ));
    let twice = payload.replacen('{', &format!("{{\"sub\":\"{other}\","), 1);
    tokens.push(forge(hmac::HMAC_SHA512, &ours, header, &twice));
    tokens.push(forge(
        hmac::HMAC_SHA512,
        &ours,
        header,
        &format!("{payload}{}", " ".repeat(1 << 20)),
    ));
    tokens.push("A".repeat(1 << 20));
    tokens.push(format!("{}.{}.{}", "[".repeat(9000), "[".repeat(9000), "A"));
    tokens.push(forge(hmac::HMAC_SHA512, &ours, header, &"[".repeat(20_000)));
    tokens
        .extend(["", ".", "..", "...", "a.b.c", "\u{1F600}.\u{1F600}.\u{1F600}"].map(String::from));
    tokens
}

/// Each character of a good token replaced by another one of its alphabet.
fn changed_by_one(token: &str) -> Vec<String> {
    let replaced = |at: usize, by: char| {
        let mut chars: Vec<char> = token.chars().collect();
        chars[at] = if chars[at] == by { 'B' } else { by };
        chars.into_iter().collect::<String>()
    };
    (0..token.len()).flat_map(|at| [replaced(at, 'A'), replaced(at, '_')]).collect()
}

#[tokio::test]
async fn no_forged_token_is_let_in_and_all_are_refused_with_the_same_words() {
    let desk = Desk::open().await;
    let good = desk.mint(&desk.grant()).await;
    let mut forged = generated(&desk).await;
    forged.extend(changed_by_one(&good));
    forged.extend([
        format!("{good}="),
        format!(" {good}"),
        format!("{good}.x"),
        good.replace('.', ".."),
    ]);
    assert!(forged.len() >= 500, "{}", forged.len());
    for warm in [false, true] {
        for token in &forged {
            let short: String = token.chars().take(200).collect();
            let refused = desk.read(token).await.expect_err(&short);
            assert_eq!(refused.to_string(), "invalid token", "{warm} {short}");
        }
        assert!(desk.read(&good).await.is_ok());
    }
}

#[tokio::test]
async fn an_unknown_project_is_refused_in_the_words_of_a_bad_signature() {
    let desk = Desk::open().await;
    let stranger = ProjectId(Uuid::new_v4());
    let grant = Grant { project: stranger, ..desk.grant() };
    assert!(matches!(
        desk.keys.mint(&desk.store, &grant, None, NOW).await,
        Err(StoreError::NotFound)
    ));
    // Signed with the key that stands in for none: it must open nothing.
    let claims = json!({"iat": NOW, "jti": "1", "sub": stranger.0, "r": "lobby"});
    let token = jwt::sign(&NO_KEY, None, &claims);
    assert!(matches!(desk.read(&token).await, Err(TokenRefused::Invalid)));
}

#[tokio::test]
async fn a_known_key_opens_tokens_while_the_database_is_away() {
    let desk = Desk::open().await;
    let token = desk.mint(&desk.grant()).await;
    desk.store.close().await;
    assert!(desk.read(&token).await.is_ok());
    let forged = format!("{}.{}", token.rsplit_once('.').unwrap().0, "A".repeat(86));
    assert!(matches!(desk.read(&forged).await, Err(TokenRefused::Unavailable(_))));
}
