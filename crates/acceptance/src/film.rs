//! A recorded film, judged by FFmpeg: whether a strict decoder is content, what is seen when, what is
//! heard when. It refuses to know how the film was made.

use rotunda_client::{Frame, Rect, Stamp, read_stamp};
use std::path::{Path, PathBuf};
use std::process::Command;

const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;
const RATE: f64 = 48_000.0;

/// The coded slices in a byte stream (ITU-T H.264 annex B), without start codes.
pub fn slices(stream: &[u8]) -> Vec<Vec<u8>> {
    let starts: Vec<_> =
        stream.windows(3).enumerate().filter(|(_, w)| *w == [0, 0, 1]).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([stream.len()]);
    let units = starts.iter().zip(ends).map(|(from, to)| &stream[from + 3..to]);
    let unit = |unit: &[u8]| {
        let end = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        unit[..end].to_vec()
    };
    let is_slice = |unit: &Vec<u8>| unit.first().is_some_and(|b| [1, 5].contains(&(b & 0x1f)));
    units.map(unit).filter(is_slice).collect()
}

/// A file that FFmpeg reads.
pub struct Film {
    path: PathBuf,
}

impl Film {
    /// The film at `path`.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned() }
    }

    fn ffmpeg(&self, before: &[&str], after: &[&str]) -> (Vec<u8>, String) {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-nostdin", "-v", "error"])
            .args(before)
            .arg("-i")
            .arg(&self.path)
            .args(after);
        let done = command.output().expect("ffmpeg runs");
        (done.stdout, String::from_utf8_lossy(&done.stderr).into_owned())
    }

    fn ffprobe(&self, args: &[&str]) -> String {
        let mut command = Command::new("ffprobe");
        let done = command.args(["-v", "error"]).args(args).arg(&self.path).output();
        let done = done.expect("ffprobe runs");
        let complaints = String::from_utf8_lossy(&done.stderr);
        assert!(complaints.is_empty(), "ffprobe: {complaints}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// What a decoder that lets nothing pass complains of.
    pub fn complaints(&self) -> String {
        // In the file's own clock: by the guessed frame rate's, which is what the null muxer counts
        // in otherwise, two pictures of a late tick would have "the same" time.
        let to = ["-enc_time_base", "-1", "-f", "null", "-"];
        self.ffmpeg(&["-xerror", "-err_detect", "explode"], &to).1
    }

    /// Codec of each track.
    pub fn codecs(&self) -> Vec<String> {
        let text = self.ffprobe(&["-show_entries", "stream=codec_name", "-of", "csv=p=0"]);
        text.lines().map(str::to_owned).collect()
    }

    /// When each packet of a track (`v`, `a`) begins and how long it is, in seconds.
    pub fn packets(&self, track: &str) -> Vec<(f64, f64)> {
        let entries = "packet=pts_time,duration_time";
        let text =
            self.ffprobe(&["-select_streams", track, "-show_entries", entries, "-of", "csv=p=0"]);
        let pair = |line: &str| {
            let mut parts = line.split(',').map(|part| part.trim().parse().unwrap_or(0.0));
            (parts.next().unwrap_or(0.0), parts.next().unwrap_or(0.0))
        };
        text.lines().filter(|line| !line.is_empty()).map(pair).collect()
    }

    /// The coded slices of the picture track, byte for byte as they are in the file (H.264 units of
    /// type 1 and 5), in order.
    pub fn slices(&self) -> Vec<Vec<u8>> {
        let args = ["-map", "0:v", "-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f", "h264", "-"];
        slices(&self.ffmpeg(&[], &args).0)
    }

    /// When the last packet of a track ends, in seconds.
    pub fn end(&self, track: &str) -> f64 {
        self.packets(track).iter().map(|(at, length)| at + length).fold(0.0, f64::max)
    }

    /// Longest time without a packet in a track, in seconds.
    pub fn longest_gap(&self, track: &str) -> f64 {
        let packets = self.packets(track);
        packets.windows(2).map(|w| w[1].0 - (w[0].0 + w[0].1)).fold(0.0, f64::max)
    }

    /// Brightness of each picture (0 to 255), and when it is shown.
    pub fn brightness(&self) -> Vec<(f64, f64)> {
        let scale = "scale=16:9:flags=area,format=gray";
        let (bytes, _) =
            self.ffmpeg(&[], &["-vsync", "passthrough", "-vf", scale, "-f", "rawvideo", "-"]);
        let mean = |picture: &[u8]| {
            picture.iter().map(|b| f64::from(*b)).sum::<f64>() / picture.len() as f64
        };
        let times = self.packets("v");
        bytes
            .chunks_exact(16 * 9)
            .map(mean)
            .zip(times)
            .map(|(light, (at, _))| (at, light))
            .collect()
    }

    /// When the picture becomes bright.
    pub fn flashes(&self) -> Vec<f64> {
        let rises = |w: &[(f64, f64)]| (w[0].1 < 128.0 && w[1].1 >= 128.0).then_some(w[1].0);
        self.brightness().windows(2).filter_map(rises).collect()
    }

    /// The sound as samples, and when the first of them is heard.
    pub fn sound(&self) -> (f64, Vec<f32>) {
        let (bytes, _) = self.ffmpeg(&[], &["-map", "0:a", "-f", "f32le", "-ar", "48000", "-"]);
        let sample = |four: &[u8]| f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        let start = self.packets("a").first().map_or(0.0, |(at, _)| *at);
        (start, bytes.chunks_exact(4).map(sample).collect())
    }

    /// When a beep begins after silence.
    pub fn beeps(&self) -> Vec<f64> {
        let (start, samples) = self.sound();
        let loud = |ms: &[f32]| ms.iter().any(|sample| sample.abs() > 0.03);
        let loud: Vec<bool> = samples.chunks(48).map(loud).collect();
        let begins = |at: &usize| {
            loud[*at] && at.checked_sub(100).is_some_and(|from| !loud[from..*at].contains(&true))
        };
        (0..loud.len()).filter(begins).map(|ms| start + ms as f64 * 48.0 / RATE).collect()
    }

    /// When each flash is seen, and how much later than its beep, in seconds.
    pub fn apart(&self) -> Vec<(f64, f64)> {
        let beeps = self.beeps();
        let nearest = |flash: f64| {
            let apart = beeps.iter().map(|beep| flash - beep);
            apart.min_by(|a, b| a.abs().total_cmp(&b.abs())).map(|apart| (flash, apart))
        };
        self.flashes().into_iter().filter_map(nearest).collect()
    }

    /// The stamp of the last picture that has one, over the whole canvas.
    pub fn last_stamp(&self) -> Option<Stamp> {
        let args = ["-vsync", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"];
        let (bytes, _) = self.ffmpeg(&["-sseof", "-4"], &args);
        let pictures = bytes.chunks_exact((WIDTH * HEIGHT * 3 / 2) as usize);
        let read = |bytes: &[u8]| {
            let frame = Frame::from_i420(WIDTH, HEIGHT, bytes)?;
            read_stamp(frame.view(), Rect { x: 0, y: 0, w: WIDTH, h: HEIGHT })
        };
        pictures.filter_map(read).next_back()
    }
}
