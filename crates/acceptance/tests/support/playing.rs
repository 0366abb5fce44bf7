//! Short words for tests of playback: play something, see and hear it where it belongs, and what
//! ffmpeg needs to make it.
#![allow(dead_code)] // not every test uses every word

use rotunda_acceptance::client::{
    Client, ClientError, Event, Receive, Rect, Yuv, mean_of, tone_dbfs,
};
use rotunda_acceptance::{Room, Stack};
use serde_json::{Value, json};
use std::time::Duration;

pub const WITHIN: Duration = Duration::from_secs(30);
const CANVAS: (u32, u32) = (1280, 720);
/// How far a colour may be off after two encoders.
const COLOUR: u8 = 12;
/// How far a level may be off, dB.
const LEVEL: f64 = 1.5;

/// What can be seen and heard of a source: a colour and a tone.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub rgb: (u8, u8, u8),
    pub hz: u32,
}

impl Look {
    /// One of its own for every `number`, and different ones in every run.
    pub fn random(number: u32) -> Self {
        let seed = u128::from_be_bytes(*uuid::Uuid::new_v4().as_bytes());
        let part = |shift: u32, of: u128| ((seed >> shift) % of) as u32;
        let side = |shift| 30 + part(shift, 60) as u8;
        let mut rgb = [side(0), side(16), side(32)];
        rgb[number as usize % 3] = 200 + part(48, 50) as u8;
        let hz = 400 + number * 160 + part(80, 5) * 10;
        Self { rgb: (rgb[0], rgb[1], rgb[2]), hz }
    }

    pub fn yuv(self) -> Yuv {
        Yuv::from_rgb(self.rgb.0, self.rgb.1, self.rgb.2)
    }

    /// For `ffmpeg -f lavfi -i`: the picture, so many seconds of it.
    pub fn picture(self, seconds: u32) -> String {
        let (r, g, b) = self.rgb;
        format!("color=0x{r:02x}{g:02x}{b:02x}:s=320x180:r=10:d={seconds}")
    }

    /// The tone, at this level. FFmpeg's sine has a peak of 1/8.
    pub fn tone(self, seconds: u32, dbfs: f64) -> String {
        let volume = 8.0 * 10f64.powf(dbfs / 20.0);
        format!("sine={}:r=48000:d={seconds},volume={volume}", self.hz)
    }
}

/// A server that may reach 127.0.0.2, which stands for the public Internet, and not 127.0.0.1.
pub async fn server(more: &[(&str, &str)]) -> Stack {
    let settings = [&[("network.allow_addresses", "127.0.0.2")][..], more].concat();
    Stack::start(&settings).await
}

/// Somebody who may play and move, and looks and listens.
pub async fn host(stack: &Stack, room: &Room<'_>, name: &str) -> Client {
    let may = ["room.playback", "room.set_layout", "room.set_position", "room.member.set_position"];
    let token = stack.token(&room.name, name, json!({"permissions": may})).await;
    let options = rotunda_acceptance::client::JoinOptions::new(stack.ws(), token);
    room.join(options.receive(Receive::decode())).await
}

/// Plays; the id.
pub async fn play(client: &Client, params: Value) -> String {
    let answer = client.rpc("video.playback.start", params).await.unwrap();
    assert_eq!(answer["playback"]["state"], "playing", "{answer}");
    answer["playback"]["id"].as_str().unwrap().to_owned()
}

pub async fn steer(client: &Client, verb: &str, id: &str, more: Value) {
    steered(client, verb, id, more).await.unwrap();
}

pub async fn steered(
    client: &Client,
    verb: &str,
    id: &str,
    more: Value,
) -> Result<Value, ClientError> {
    let mut params = json!({"playback_id": id});
    params.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    client.rpc(&format!("video.playback.{verb}"), params).await
}

/// Waits until the playback is over; why.
pub async fn ended(client: &Client, id: &str, within: Duration) -> Value {
    let is = |e: &Event| e.params["playback"]["id"] == id;
    let event = client.event(0, "video.playback.ended", within, is).await.unwrap();
    assert_eq!(event.params["playback"]["state"], "completed");
    event.params["playback"]["error"].clone()
}

/// The colour in the middle of the playback's cell.
pub fn colour_of(client: &Client, id: &str) -> Option<Yuv> {
    let (picture, cell) = (client.picture()?, client.cell_of(id, CANVAS.0, CANVAS.1)?);
    let middle = Rect::new(cell.x + cell.w / 4, cell.y + cell.h / 4, cell.w / 2, cell.h / 2);
    Some(mean_of(picture.view(), middle.even()))
}

fn is_near(a: Yuv, b: Yuv) -> bool {
    a.y.abs_diff(b.y).max(a.u.abs_diff(b.u)).max(a.v.abs_diff(b.v)) <= COLOUR
}

/// Waits until the look's colour is seen in the playback's cell.
pub async fn sees(client: &Client, id: &str, look: Look) {
    let what = format!("{look:?} in the cell of {id}");
    let is = |c: &Client| colour_of(c, id).filter(|seen| is_near(*seen, look.yuv())).map(|_| ());
    if let Err(late) = client.until(&what, WITHIN, is).await {
        panic!("{late}; seen: {:?}, wanted {:?}", colour_of(client, id), look.yuv());
    }
}

/// How loud the look's tone is.
pub fn level(client: &Client, look: Look) -> f64 {
    tone_dbfs(&client.heard(Duration::from_millis(400)), f64::from(look.hz))
}

/// Waits until the look's tone is heard at this level.
pub async fn hears(client: &Client, look: Look, dbfs: f64) {
    let what = format!("{} Hz at {dbfs} dBFS", look.hz);
    let is = |c: &Client| ((level(c, look) - dbfs).abs() <= LEVEL).then_some(());
    if let Err(late) = client.until(&what, WITHIN, is).await {
        panic!("{late}; heard at {}", level(client, look));
    }
}

/// Waits until the look's tone is not heard any more.
pub async fn hears_no(client: &Client, look: Look) {
    let what = format!("no {} Hz", look.hz);
    let is = |c: &Client| (level(c, look) < -70.0).then_some(());
    client.until(&what, WITHIN, is).await.unwrap();
}

/// Makes a file of ffmpeg's: what it wrote.
pub fn made(args: &[&str]) -> Vec<u8> {
    let path = std::env::temp_dir().join(format!("rotunda-made-{}", uuid::Uuid::new_v4()));
    let mut command = std::process::Command::new("ffmpeg");
    let done = command.args(["-v", "error", "-y"]).args(args).arg(&path).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    bytes
}
