//! The room methods of this version, one row each, by subject. The table feeds the dispatcher, the docs
//! and the tests; the functions beside the rows only turn parameters into commands.

mod beside;
mod chat;
mod layout;
mod links;
mod list;
mod lobby;
mod meta;
mod method;
mod moderation;
mod mute;
mod params;
mod playback;
mod positions;
mod recording;
mod roles;
mod sound;
mod stream;

pub use beside::{BESIDE, Beside};
pub use method::Method;
pub use params::Params;
pub(crate) use positions::positions;

/// The subjects, in the order of the page of methods.
const SUBJECTS: [&[Method]; 13] = [
    &list::METHODS,
    &layout::METHODS,
    &mute::METHODS,
    &sound::METHODS,
    &moderation::METHODS,
    &meta::METHODS,
    &chat::METHODS,
    &lobby::METHODS,
    &links::METHODS,
    &roles::METHODS,
    &recording::METHODS,
    &stream::METHODS,
    &playback::METHODS,
];

/// Every method there is.
pub const METHODS: [Method; 59] = {
    let mut all = [list::METHODS[0]; 59];
    let (mut subject, mut count) = (0, 0);
    while subject < SUBJECTS.len() {
        let mut row = 0;
        while row < SUBJECTS[subject].len() {
            all[count] = SUBJECTS[subject][row];
            (row, count) = (row + 1, count + 1);
        }
        subject += 1;
    }
    assert!(count == all.len(), "every row is in the table");
    all
};

/// The row of a method.
pub fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

#[cfg(test)]
#[path = "methods_tests.rs"]
mod tests;
