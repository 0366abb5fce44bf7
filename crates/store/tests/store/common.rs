//! A database of its own for each test, gone with it.

use rotunda_domain::{ProjectId, RoomSettings};
use rotunda_store::{Page, Store};
use std::path::PathBuf;
use std::time::Duration;
use uuid::Uuid;

/// A folder that is removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("rotunda-store-{}", Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn file(&self) -> PathBuf {
        self.0.join("rotunda.db")
    }

    pub async fn open(&self) -> Store {
        Store::open_patient(&self.file(), Duration::from_millis(800)).await.unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A store with one project.
pub async fn fresh() -> (Folder, Store, ProjectId) {
    let folder = Folder::new();
    let store = folder.open().await;
    let project = store.create_project(None, "ours").await.unwrap().id;
    (folder, store, project)
}

pub fn named(name: &str) -> RoomSettings {
    RoomSettings::named(name)
}

pub fn first(size: u32) -> Page {
    Page { size, token: None }
}
