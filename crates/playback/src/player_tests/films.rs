//! Films and sounds as ffmpeg makes them.

use std::collections::HashMap;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A film of three seconds, the first second red, the others green, with a tone.
pub fn film(args: &[&str]) -> Vec<u8> {
    static FILMS: AtomicUsize = AtomicUsize::new(0);
    let number = FILMS.fetch_add(1, Ordering::Relaxed);
    let name = format!("rotunda-film-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let picture = "color=red:s=320x180:r=20:d=1[a];color=lime:s=320x180:r=20:d=2[b];[a][b]concat";
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", picture])
        .args(["-f", "lavfi", "-i", "sine=440:d=3", "-g", "20", "-pix_fmt", "yuv420p"])
        .args(args)
        .arg(&path)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let film = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    film
}

/// What ffmpeg writes with these arguments alone.
pub fn raw(args: &[&str]) -> Vec<u8> {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("rotunda-raw-{}-{number}", std::process::id()));
    let done = Command::new("ffmpeg").args(["-v", "error"]).args(args).arg(&path).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    bytes
}

pub fn mp4() -> Vec<u8> {
    film(&["-c:v", "libx264", "-c:a", "aac", "-f", "mp4"])
}

/// Red and loud by turns with green and silent, a second each: a file of so many seconds, written
/// into a folder of its own with what belongs to it.
pub fn blinking(seconds: u32, args: &[&str], name: &str) -> HashMap<String, Vec<u8>> {
    static FOLDERS: AtomicUsize = AtomicUsize::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder =
        std::env::temp_dir().join(format!("rotunda-blink-{}-{number}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let picture = format!(
        "color=red:s=320x180:r=20:d={seconds},drawbox=c=lime:t=fill:enable='mod(floor(t),2)'"
    );
    let tone = format!("sine=440:r=48000:d={seconds},volume=0:enable='mod(floor(t),2)'");
    let done = Command::new("ffmpeg")
        .current_dir(&folder)
        .args(["-v", "error", "-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &tone])
        .args(["-c:v", "libx264", "-preset", "ultrafast", "-g", "120", "-pix_fmt", "yuv420p"])
        .args(["-c:a", "aac"])
        .args(args)
        .arg(name)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap());
    let read = files.map(|f| {
        (format!("/{}", f.file_name().to_str().unwrap()), std::fs::read(f.path()).unwrap())
    });
    let files = read.collect();
    std::fs::remove_dir_all(&folder).unwrap();
    files
}

/// A song of so many seconds with a red cover.
pub fn song(seconds: u32) -> Vec<u8> {
    let cover = ["-f", "lavfi", "-i", "color=red:s=600x600:r=1:d=1"];
    let tone = format!("sine=440:d={seconds}");
    let sound = ["-f", "lavfi", "-i", &tone, "-map", "1:a", "-map", "0:v"];
    let song = ["-frames:v", "1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "libmp3lame"];
    raw(&[&cover[..], &sound, &song, &["-disposition:v", "attached_pic", "-f", "mp3"]].concat())
}
