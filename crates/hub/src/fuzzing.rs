//! What a room token reaches, for the fuzzers in `fuzz/` and the tests that play their corpus.

use crate::auth;

/// A token, or the claims of one.
pub fn room_token(bytes: &[u8]) {
    auth::read_anything(bytes);
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_token_of_the_corpus_makes_the_readers_fail() {
        rotunda_corpus::play("room_token", super::room_token);
    }
}
