//! The data folder: for one server at a time, and for nobody else's eyes.

use crate::error::{FolderError, RunError};
use rotunda_store::{Store, StoreError};
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const DATABASE: &str = "rotunda.db";
const LOCK: &str = "rotunda.lock";
/// How names begin of what Rotunda puts into the folder, or a file system of its own has.
const OURS: [&str; 5] = [DATABASE, LOCK, "dev-", "recordings", "lost+found"];

/// A data folder that no other process serves from while this value lives.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    /// The kernel lets go of the lock when the process ends, however it ends.
    _lock: File,
}

impl DataFolder {
    /// Takes a folder for this process, making it if it is missing.
    ///
    /// # Errors
    /// [`FolderError`], `Missing` excepted.
    pub fn take(path: &Path) -> Result<Self, FolderError> {
        let wrong = |error| FolderError::Wrong(path.into(), error);
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(wrong)?;
        keep_private(path)?;
        let lock = lock(path)?;
        Ok(Self { path: path.into(), _lock: lock })
    }

    /// Opens its database, making it if it is missing.
    ///
    /// # Errors
    /// The store's.
    pub async fn database(&self) -> Result<Store, StoreError> {
        Store::open(self.path.join(DATABASE)).await
    }
}

/// Opens the database of a folder that a server uses or used; makes nothing.
///
/// # Errors
/// `Missing`, and the store's.
pub(crate) async fn existing_database(path: &Path) -> Result<Store, RunError> {
    let file = path.join(DATABASE);
    if !file.is_file() {
        return Err(FolderError::Missing(path.into()).into());
    }
    Ok(Store::open(file).await?)
}

fn lock(folder: &Path) -> Result<File, FolderError> {
    let wrong = |error| FolderError::Wrong(folder.into(), error);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.open(folder.join(LOCK)).map_err(wrong)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(taken(folder, &mut file)),
        Err(TryLockError::Error(error)) => return Err(wrong(error)),
    }
    file.set_len(0).map_err(wrong)?;
    // A full disk must not keep a server from starting: the number is for people only.
    let _ = writeln!(file, "{}", std::process::id());
    Ok(file)
}

fn taken(folder: &Path, file: &mut File) -> FolderError {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(16).read_to_string(&mut text));
    let pid = read.ok().and_then(|_| text.trim().parse().ok());
    FolderError::Taken { path: folder.into(), pid }
}

/// Takes the group's and everybody's rights away from a folder that holds nothing but what is ours.
/// One that holds other things, too, is left as it is: it may be a home, or the system's.
fn keep_private(folder: &Path) -> Result<(), FolderError> {
    let wrong = |error| FolderError::Wrong(folder.into(), error);
    let mode = std::fs::metadata(folder).map_err(wrong)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    if is_all_ours(folder).map_err(wrong)? {
        std::fs::set_permissions(folder, Permissions::from_mode(mode & 0o700)).map_err(wrong)?;
        tracing::warn!(
            "others could look into the data folder; its rights are now its owner's alone"
        );
        return Ok(());
    }
    let is_everybodys = mode & 0o1002 == 0o002;
    if is_everybodys { Err(FolderError::Open(folder.into())) } else { Ok(()) }
}

fn is_all_ours(folder: &Path) -> io::Result<bool> {
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        if !OURS.iter().any(|ours| name.to_string_lossy().starts_with(ours)) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Temporary(PathBuf);

    impl Temporary {
        fn new(mode: u32) -> Self {
            let name = format!("rotunda-folder-{}", uuid::Uuid::new_v4());
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            Self(path)
        }

        fn mode(&self) -> u32 {
            std::fs::metadata(&self.0).unwrap().permissions().mode() & 0o7777
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_folder_is_taken_once_and_who_holds_it_is_named() {
        let folder = Temporary::new(0o700);
        let held = DataFolder::take(&folder.0).unwrap();
        let refused = DataFolder::take(&folder.0).unwrap_err().to_string();
        let who = format!("another rotunda (pid {}) uses", std::process::id());
        assert!(refused.starts_with(&who), "{refused}");
        drop(held);
        DataFolder::take(&folder.0).unwrap();
    }

    #[test]
    fn a_folder_of_ours_that_others_can_read_is_tightened() {
        let folder = Temporary::new(0o755);
        std::fs::write(folder.0.join(DATABASE), "").unwrap();
        DataFolder::take(&folder.0).unwrap();
        assert_eq!(folder.mode(), 0o700);
    }

    #[test]
    fn a_folder_with_other_things_keeps_its_rights_and_is_refused_when_all_may_write() {
        let folder = Temporary::new(0o755);
        std::fs::write(folder.0.join("letter.txt"), "").unwrap();
        DataFolder::take(&folder.0).unwrap();
        assert_eq!(folder.mode(), 0o755);
        std::fs::set_permissions(&folder.0, Permissions::from_mode(0o777)).unwrap();
        let refused = DataFolder::take(&folder.0).unwrap_err().to_string();
        assert!(refused.contains("everybody"), "{refused}");
    }

    #[test]
    fn a_folder_made_here_is_its_owners_alone() {
        let folder = Temporary::new(0o700);
        let inner = folder.0.join("one/two");
        DataFolder::take(&inner).unwrap();
        let mode = std::fs::metadata(&inner).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
