//! What a source holds, as a fenced `ffprobe` tells it.

use crate::fence::{Door, Programs};
use serde_json::Value;
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// Time to look at a source.
const PATIENCE: Duration = Duration::from_secs(15);
/// More than this is no answer, bytes.
const LONGEST: u64 = 256 << 10;
/// Packets that are looked at to see how far sound and picture lie apart: five seconds of pictures,
/// two of both.
const PACKETS: usize = 120;
/// Sound and picture that lie apart by more than this in the file, seconds, are read each by
/// itself.
const APART: f64 = 1.0;

/// What a source holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Facts {
    /// What moves, if anything does.
    pub picture: Option<Picture>,
    /// A picture that belongs to a sound and does not move: which stream, and its size.
    pub cover: Option<(u64, Size)>,
    /// Channels of its sound, if it has one.
    pub channels: Option<u64>,
    /// Until its end, if it has one.
    pub duration: Option<Duration>,
    /// Whether sound and picture lie far apart in it.
    pub is_apart: bool,
}

/// Width and height at which it is to be shown, pixels.
pub(crate) type Size = (f64, f64);

/// A picture that moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Picture {
    pub size: Size,
    /// Brighter than a screen of ours; shown as it is, it would be grey.
    pub is_hdr: bool,
}

/// Looks; `None` when there is nothing to be played. RTMP, which has its packets to give only as
/// time goes by, is not asked for them. What has parts, as is asked in the end, has no places.
pub(crate) async fn probe(
    programs: &Programs,
    door: &Door,
    has_parts: impl FnOnce() -> bool,
) -> Option<Facts> {
    let mut command = programs.ffprobe(door);
    let entries = "format=duration:stream=index,codec_type,codec_name,width,height,channels,\
                   sample_aspect_ratio,color_transfer:stream_disposition=attached_pic\
                   :stream_side_data=rotation";
    let packets = ":packet=stream_index,dts_time,pts_time,pos";
    let packets = if matches!(door, Door::Web { .. }) { packets } else { "" };
    command.args(["-print_format", "json=c=1", "-show_entries", &format!("{entries}{packets}")]);
    if !packets.is_empty() {
        command.args(["-read_intervals", &format!("%+#{PACKETS}")]);
    }
    let mut child = command.arg("-i").arg(door.url()).spawn().ok()?;
    let mut text = Vec::new();
    let mut out = child.stdout.take()?.take(LONGEST);
    let read = tokio::time::timeout(PATIENCE, out.read_to_end(&mut text)).await;
    let _ = child.start_kill();
    let _ = child.wait().await;
    read.ok()?.ok()?;
    facts(&serde_json::from_slice(&text).ok()?, has_parts())
}

fn facts(said: &Value, has_parts: bool) -> Option<Facts> {
    let streams = said["streams"].as_array()?;
    let is_cover = |stream: &Value| stream["disposition"]["attached_pic"] == 1;
    let first = |kind: &str, cover: bool| {
        let is = |s: &&Value| s["codec_type"] == kind && s["codec_name"].is_string();
        streams.iter().filter(is).find(|stream| is_cover(stream) == cover)
    };
    let (moving, sound) = (first("video", false), first("audio", false));
    let picture = moving.and_then(|stream| {
        let transfer = stream["color_transfer"].as_str().unwrap_or_default();
        let is_hdr = ["smpte2084", "arib-std-b67"].contains(&transfer);
        Some(Picture { size: size(stream)?, is_hdr })
    });
    let cover = first("video", true).and_then(|s| Some((s["index"].as_u64()?, size(s)?)));
    let seconds = said["format"]["duration"].as_str().and_then(|text| text.parse::<f64>().ok());
    let seconds = seconds.filter(|s| s.is_finite() && (0.01..1e7).contains(s));
    let index = |stream: Option<&Value>| stream.and_then(|stream| stream["index"].as_u64());
    (picture.is_some() || sound.is_some()).then(|| Facts {
        picture,
        cover: cover.filter(|_| picture.is_none()),
        channels: sound.map(|stream| stream["channels"].as_u64().unwrap_or(1)),
        duration: seconds.map(Duration::from_secs_f64),
        is_apart: is_apart(said, index(moving), index(sound), has_parts),
    })
}

/// Whether pictures and sounds that belong together come far from each other, as they lie in the
/// file or as it gives them out.
fn is_apart(said: &Value, picture: Option<u64>, sound: Option<u64>, has_parts: bool) -> bool {
    let (Some(picture), Some(sound)) = (picture, sound) else { return false };
    let packets = said["packets"].as_array().map(Vec::as_slice).unwrap_or_default();
    let read = |packet: &Value| {
        let time = packet["dts_time"].as_str().or(packet["pts_time"].as_str())?;
        let place = packet["pos"].as_str().and_then(|pos| pos.parse::<u64>().ok());
        let track = [picture, sound].iter().position(|s| packet["stream_index"] == *s)?;
        Some((place, track, time.parse::<f64>().ok()?))
    };
    let mut given: Vec<_> = packets.iter().filter_map(read).collect();
    let as_given = spread(&given);
    if !has_parts {
        given.sort_by_key(|(place, ..)| *place);
    }
    as_given.max(spread(&given)) > APART
}

/// How far one track is ahead of the other at most, seconds.
fn spread(packets: &[(Option<u64>, usize, f64)]) -> f64 {
    let Some((_, _, first)) = packets.first() else { return 0.0 };
    let (mut reached, mut most) = ([*first; 2], 0f64);
    for (_, track, time) in packets {
        reached[*track] = *time;
        most = most.max((reached[0] - reached[1]).abs());
    }
    most
}

fn size(stream: &Value) -> Option<Size> {
    let side = |name: &str| stream[name].as_f64().filter(|side| *side >= 1.0);
    let (width, height) = (side("width")?, side("height")?);
    let aspect = stream["sample_aspect_ratio"].as_str().and_then(|text| text.split_once(':'));
    let aspect = aspect.and_then(|(a, b)| Some(a.parse::<f64>().ok()? / b.parse::<f64>().ok()?));
    let aspect = aspect.filter(|aspect| (0.05..20.0).contains(aspect)).unwrap_or(1.0);
    let turns = stream["side_data_list"].as_array().into_iter().flatten();
    let turn = turns.filter_map(|data| data["rotation"].as_f64()).next().unwrap_or(0.0);
    let (width, height) = (width * aspect, height);
    let lies = (turn.abs() % 180.0 - 90.0).abs() < 1.0;
    Some(if lies { (height, width) } else { (width, height) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_film_that_lies_on_its_side_is_set_upright_and_narrow_pixels_are_made_square() {
        let said = json!({"format": {"duration": "3.000"}, "streams": [
            {"codec_type": "audio", "codec_name": "aac", "channels": 6},
            {"codec_type": "video", "codec_name": "h264", "width": 720, "height": 576,
             "sample_aspect_ratio": "16:15", "side_data_list": [{"rotation": -90}]}]});
        let facts = facts(&said, false).unwrap();
        assert_eq!(facts.picture, Some(Picture { size: (576.0, 768.0), is_hdr: false }));
        assert_eq!((facts.channels, facts.duration), (Some(6), Some(Duration::from_secs(3))));
    }

    #[test]
    fn a_cover_is_no_moving_picture() {
        let cover = json!({"index": 1, "codec_type": "video", "codec_name": "mjpeg", "width": 600,
            "height": 500, "disposition": {"attached_pic": 1}});
        let sound = json!({"index": 0, "codec_type": "audio", "codec_name": "mp3"});
        let film = json!({"index": 2, "codec_type": "video", "codec_name": "hevc", "width": 640,
            "height": 360, "disposition": {"attached_pic": 0}, "color_transfer": "smpte2084"});
        let song = facts(&json!({"streams": [&sound, &cover]}), false).unwrap();
        assert_eq!((song.picture, song.cover), (None, Some((1, (600.0, 500.0)))));
        let film = facts(&json!({"streams": [sound, cover, film]}), false).unwrap();
        let picture = Picture { size: (640.0, 360.0), is_hdr: true };
        assert_eq!((film.picture, film.cover), (Some(picture), None));
    }

    #[test]
    fn sound_and_picture_that_come_far_from_each_other_are_known_by_their_packets() {
        let packet = |track: u64, ms: u64, pos: u64| {
            json!({"stream_index": track, "dts_time": format!("{:.3}", ms as f64 / 1000.0),
                "pos": pos.to_string()})
        };
        let streams = json!([
            {"index": 0, "codec_type": "video", "codec_name": "h264", "width": 64, "height": 64},
            {"index": 1, "codec_type": "audio", "codec_name": "aac"}]);
        let said = |packets: Vec<Value>| json!({"streams": streams, "packets": packets});
        let reported = |packets: Vec<Value>| facts(&said(packets), false).unwrap().is_apart;
        let pictures: Vec<_> = (0..100).map(|n| packet(0, n * 40, n)).collect();
        assert!(reported(pictures), "four seconds of pictures, and no sound yet");
        let by_time = |gap: u64| {
            (0..100).flat_map(|n| [packet(0, n * 40, n), packet(1, n * 40, n + gap)]).collect()
        };
        assert!(!reported(by_time(10)), "side by side");
        assert!(reported(by_time(1000)), "given side by side, but fetched from far behind");
        let parts = facts(&said(by_time(1000)), true).unwrap();
        assert!(!parts.is_apart, "places in different parts say nothing");
    }

    #[test]
    fn nothing_to_see_and_nothing_to_hear_is_nothing_to_play() {
        for said in [
            json!({}),
            json!({"streams": []}),
            json!({"streams": [
            {"codec_type": "subtitle", "codec_name": "webvtt"}, {"codec_type": "video"}]}),
        ] {
            assert_eq!(facts(&said, false), None);
        }
    }
}
