//! What a disk that is full, read-only or slow costs, and what it does not.

use crate::support::{WITHIN, completed, downloaded, events, roll, stamper, start};
use rotunda_acceptance::client::Event;
use rotunda_acceptance::{Film, Room, Stack, observe};
use serde_json::json;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// A small file system of its own; `None` where this machine lets nobody mount one.
struct Disk(PathBuf);

impl Disk {
    fn of(size: &str) -> Option<Self> {
        let path = std::env::temp_dir().join(format!("rotunda-disk-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let options = format!("size={size}");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&path)
            .status();
        let disk = Self(path);
        mount.is_ok_and(|status| status.success()).then_some(disk)
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let done = Command::new("mount").args(["-o", &options]).arg(&self.0).status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Both fail only where nothing was mounted.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_or_read_only_ends_the_recording_and_nothing_else() {
    let Some(disk) = Disk::of("1m") else {
        println!("nothing can be mounted here: not tested");
        return;
    };
    let folder = disk.0.join("films");
    let stack = Stack::start(&[
        ("recordings.folder", folder.to_str().unwrap()),
        ("recordings.quota_bytes", "3000000"),
    ])
    .await;
    let room = Room::new(&stack, "full", json!({"layout": "1x1"})).await;
    let member = stamper(&room).await;
    let from = Instant::now();
    let id = start(&member).await;
    let ended = |e: &Event| e.params["recording"]["id"] == id.as_str();
    let event = member.event(0, "video.recording.ended", WITHIN * 2, ended).await.unwrap();
    assert!(event.params["recording"]["error"].is_string(), "{event:?}");
    let (row, _) = completed(&stack, &id).await;
    let film = Film::at(downloaded(&stack, &row).await);
    assert_eq!(film.complaints(), "");
    assert!(film.end("v") > 0.5, "what fitted is whole");
    assert!(events(&stack, &id).await.contains(&"recording.failed".to_owned()));
    let gap = member.leg().look(|f| f.pictures.arrivals.longest_gap(from, Instant::now()));
    println!("longest time without a picture in the room {gap:?}");
    assert!(gap < Duration::from_secs(1), "the room does not notice: {gap:?}");
    disk.remount("ro");
    let refused = member.rpc("video.recording.start", json!({})).await.unwrap_err().to_string();
    assert!(refused.contains("501") || refused.contains("cannot be written"), "{refused}");
    disk.remount("rw,size=8m");
    let project =
        std::fs::read_dir(&folder).unwrap().flatten().find(|e| e.path().is_dir()).unwrap();
    std::fs::write(project.path().join("large"), vec![0; 3_000_000]).unwrap();
    let refused = member.rpc("video.recording.start", json!({})).await.unwrap_err().to_string();
    assert!(refused.contains("quota"), "{refused}");
    member.leave().await.unwrap();
    stack.stop().await;
}

/// A file system that can be frozen: every write to it waits until it thaws.
struct Ice {
    folder: PathBuf,
    image: PathBuf,
}

fn does(program: &str, args: &[&str]) -> bool {
    let done = Command::new(program).args(args).output();
    done.is_ok_and(|done| done.status.success())
}

impl Ice {
    fn new() -> Option<Self> {
        let folder = std::env::temp_dir().join(format!("rotunda-ice-{}", std::process::id()));
        let image = folder.with_extension("img");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
        let ice = Self { folder, image };
        let (folder, image) = (ice.folder.to_str().unwrap(), ice.image.to_str().unwrap());
        let is_made = does("mkfs.ext4", &["-q", "-F", image])
            && does("mount", &["-o", "loop", image, folder])
            && does("fsfreeze", &["--freeze", folder]);
        (is_made && ice.thaw()).then_some(ice)
    }

    fn freeze(&self) {
        assert!(does("fsfreeze", &["--freeze", self.folder.to_str().unwrap()]));
    }

    fn thaw(&self) -> bool {
        does("fsfreeze", &["--unfreeze", self.folder.to_str().unwrap()])
    }
}

impl Drop for Ice {
    fn drop(&mut self) {
        // All fail only where nothing was mounted or frozen.
        self.thaw();
        does("umount", &["-l", self.folder.to_str().unwrap()]);
        let _ = std::fs::remove_dir(&self.folder);
        let _ = std::fs::remove_file(&self.image);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes its time; make soak runs it"]
async fn a_disk_that_stands_still_for_seconds_costs_the_room_nothing_and_the_film_little() {
    let Some(ice) = Ice::new() else {
        println!("nothing can be frozen here: not tested");
        return;
    };
    let films = ice.folder.join("films");
    let stack = Stack::start(&[("recordings.folder", films.to_str().unwrap())]).await;
    let room = Room::new(&stack, "ice", json!({"layout": "1x1"})).await;
    let member = stamper(&room).await;
    let id = start(&member).await;
    observe(Duration::from_secs(1)).await;
    ice.freeze();
    let (from, until) = observe(Duration::from_secs(4)).await;
    assert!(ice.thaw());
    observe(Duration::from_secs(1)).await;
    roll(&member, "stop", &id).await;
    let (row, _) = completed(&stack, &id).await;
    let film = Film::at(downloaded(&stack, &row).await);
    assert_eq!(film.complaints(), "");
    println!(
        "longest gap {} s of pictures, {} s of sound",
        film.longest_gap("v"),
        film.longest_gap("a")
    );
    assert!(film.end("v") > 5.0 && film.longest_gap("v") < 0.6 && film.longest_gap("a") < 0.1);
    let gap = member.leg().look(|f| f.pictures.arrivals.longest_gap(from, until));
    assert!(gap < Duration::from_secs(1), "the room does not notice: {gap:?}");
    member.leave().await.unwrap();
    stack.stop().await;
}
