//! What a source holds, as a fenced `ffprobe` tells it.

use crate::fence::{Door, Programs};
use serde_json::Value;
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// Time to look at a source.
const PATIENCE: Duration = Duration::from_secs(15);
/// More than this is no answer, bytes.
const LONGEST: u64 = 256 << 10;

/// What a source holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Facts {
    /// Width and height at which it is to be shown, pixels, if it has a picture.
    pub picture: Option<(f64, f64)>,
    pub has_sound: bool,
    /// Until its end, if it has one.
    pub duration: Option<Duration>,
}

/// Looks; `None` when there is nothing to be played.
pub(crate) async fn probe(programs: &Programs, door: &Door) -> Option<Facts> {
    let mut command = programs.ffprobe(door);
    command.args(["-print_format", "json", "-show_entries"]).arg(
        "format=duration:stream=codec_type,codec_name,width,height,sample_aspect_ratio\
         :stream_side_data=rotation",
    );
    let mut child = command.arg("-i").arg(door.url()).spawn().ok()?;
    let mut text = Vec::new();
    let mut out = child.stdout.take()?.take(LONGEST);
    let read = tokio::time::timeout(PATIENCE, out.read_to_end(&mut text)).await;
    let _ = child.start_kill();
    let _ = child.wait().await;
    read.ok()?.ok()?;
    facts(&serde_json::from_slice(&text).ok()?)
}

fn facts(said: &Value) -> Option<Facts> {
    let streams = said["streams"].as_array()?;
    let first = |kind: &str| {
        streams.iter().find(|s| s["codec_type"] == kind && s["codec_name"].is_string())
    };
    let picture = first("video").and_then(size);
    let seconds = said["format"]["duration"].as_str().and_then(|text| text.parse::<f64>().ok());
    let seconds = seconds.filter(|s| s.is_finite() && (0.01..1e7).contains(s));
    let has_sound = first("audio").is_some();
    (picture.is_some() || has_sound).then_some(Facts {
        picture,
        has_sound,
        duration: seconds.map(Duration::from_secs_f64),
    })
}

fn size(stream: &Value) -> Option<(f64, f64)> {
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
            {"codec_type": "audio", "codec_name": "aac"},
            {"codec_type": "video", "codec_name": "h264", "width": 720, "height": 576,
             "sample_aspect_ratio": "16:15", "side_data_list": [{"rotation": -90}]}]});
        let facts = facts(&said).unwrap();
        assert_eq!(facts.picture, Some((576.0, 768.0)));
        assert_eq!((facts.has_sound, facts.duration), (true, Some(Duration::from_secs(3))));
    }

    #[test]
    fn nothing_to_see_and_nothing_to_hear_is_nothing_to_play() {
        for said in [
            json!({}),
            json!({"streams": []}),
            json!({"streams": [
            {"codec_type": "subtitle", "codec_name": "webvtt"}, {"codec_type": "video"}]}),
        ] {
            assert_eq!(facts(&said), None);
        }
    }
}
