//! Threads that decode and encode pictures stand back behind those of the network and the sound: of a
//! machine that has too much to do, pictures are to feel it first.
//!
//! A thread may always lower its own priority; nothing is asked of the operator.

/// How much nicer than the process they are. Five is a third of the weight where both want the
/// processor, and nothing where only one does.
const NICER: i32 = 5;
/// The nicest there is.
const NICEST: i32 = 19;

/// Lowers the priority of the thread that calls. Where that fails it is said once, and all goes on.
#[cfg(target_os = "linux")]
pub(crate) fn stand_back() {
    use std::sync::Once;
    static SAID: Once = Once::new();
    // A thread is a process to this call under Linux: no other thread is moved.
    let this = Some(rustix::thread::gettid());
    let lowered = rustix::process::getpriority_process(this)
        .and_then(|now| rustix::process::setpriority_process(this, (now + NICER).min(NICEST)));
    if let Err(error) = lowered {
        SAID.call_once(|| {
            tracing::warn!(%error, "threads of pictures keep the priority of those of sound");
        });
    }
}

/// Elsewhere all threads are alike.
#[cfg(not(target_os = "linux"))]
pub(crate) fn stand_back() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_stands_back_alone() {
        let mine = || rustix::process::getpriority_process(Some(rustix::thread::gettid()));
        let before = mine().unwrap();
        let other = std::thread::spawn(move || {
            stand_back();
            mine().unwrap()
        });
        assert_eq!(other.join().unwrap(), (before + NICER).min(NICEST));
        assert_eq!(mine().unwrap(), before);
    }
}
