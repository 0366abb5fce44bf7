//! People who operate the server by its page: how they are called, what they may act on, how long what lets them in
//! is good for. Accounts, secrets and hashes are somebody else's business.

use crate::id::ProjectId;
use crate::text::{shows_nothing, turns_around};
use std::time::Duration;

/// Longest name, characters.
pub const NAME_CHARS: usize = 64;
/// Shortest password, characters.
pub const PASSWORD_CHARS: usize = 12;
/// Longest password that is looked at, bytes: hashing a longer one costs for nothing.
pub const PASSWORD_BYTES: usize = 1024;
/// How long an invitation may be used.
pub const INVITED: Duration = Duration::from_secs(15 * 60);
/// How long somebody is signed in.
pub const SIGNED_IN: Duration = Duration::from_secs(12 * 60 * 60);
/// Most admins, and most invitations that wait.
pub const ADMINS: usize = 100;
/// Sessions of one admin; a further one ends the oldest.
pub const SESSIONS: usize = 20;
/// Most passkeys of one admin.
pub const PASSKEYS: usize = 20;

/// Whether somebody may be called so: something of it is seen, on one line, and it turns nothing around that stands
/// beside it. What reads as an id (a UUID) would be taken for a session's.
pub fn is_name(name: &str) -> bool {
    name.chars().count() <= NAME_CHARS
        && !shows_nothing(name)
        && !turns_around(name)
        && !name.chars().any(char::is_control)
        && name.trim() == name
        && name.parse::<ProjectId>().is_err()
}

/// Whether a password is long enough, and not too long.
pub fn is_password(password: &str) -> bool {
    password.chars().count() >= PASSWORD_CHARS && password.len() <= PASSWORD_BYTES
}

/// The projects that somebody may act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Each there is, those to come too.
    All,
    /// These.
    Only(Vec<ProjectId>),
}

impl Reach {
    /// Whether `project` is among them.
    pub fn includes(&self, project: ProjectId) -> bool {
        match self {
            Self::All => true,
            Self::Only(projects) => projects.contains(&project),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_name_is_seen_stands_on_one_line_and_is_no_id() {
        for good in ["ann", "Ann Ö. (night shift)", &"x".repeat(NAME_CHARS)] {
            assert!(is_name(good), "{good}");
        }
        let id = Uuid::from_u128(7).to_string();
        for bad in ["", " ", " ann", "a\nb", "\u{200b}", "a\u{202e}b", &*id, &"x".repeat(65)] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_password_has_twelve_characters_however_many_bytes_those_take() {
        assert!(is_password("correct hors") && is_password(&"é".repeat(12)));
        assert!(!is_password("correct hor") && !is_password(&"é".repeat(11)));
        assert!(!is_password(&"x".repeat(PASSWORD_BYTES + 1)));
    }

    #[test]
    fn who_may_act_on_all_may_on_those_to_come() {
        let [ours, theirs] = [1, 2].map(|id| ProjectId(Uuid::from_u128(id)));
        assert!(Reach::All.includes(theirs));
        let only = Reach::Only(vec![ours]);
        assert!(only.includes(ours) && !only.includes(theirs));
        assert!(!Reach::Only(Vec::new()).includes(ours));
    }
}
