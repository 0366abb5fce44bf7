//! What an RTMP address tells of itself to everybody who can read a command line, and what the server
//! is told instead.
//!
//! FFmpeg takes the address of a stream from its command line alone, and there the key of a stream
//! would stand for every user of the machine to read. So it is given as many random letters; they are
//! put right on the way, in what the child says. As no length changes, nothing of RTMP needs to be
//! understood for it but one thing: a message is cut into chunks, and where one begins a byte with the
//! two high bits set stands between two letters (Adobe's RTMP 1.0 §5.3.1).

/// Shorter parts are not hidden: letters in so short a row can stand there by chance, and so short a key
/// is guessed.
const SHORTEST: usize = 8;
/// From here on it is the beginning of a chunk.
const MARK: u8 = 0xc0;

/// One part of an address, and what stands for it.
struct Part {
    reported: Vec<u8>,
    meant: Vec<u8>,
}

/// What stands for which part of an address.
pub(crate) struct Disguise(Vec<Part>);

/// What of the bytes at a place is a part that is hidden.
enum Found {
    Nothing,
    /// Perhaps, if more comes.
    Perhaps,
    /// The bytes to be said instead.
    Instead(Vec<u8>),
}

impl Disguise {
    /// Hides what follows the application in `path` (path and query of an address), and gives what is
    /// to be told instead. `letter` draws one of the ASCII letters and digits.
    pub fn of(path: &str, mut letter: impl FnMut() -> u8) -> (String, Self) {
        let application = path.char_indices().filter(|(_, c)| *c == '/').nth(1);
        let from = application.map_or(path.len(), |(at, _)| at + 1);
        // An ending says of what kind the stream is, and so does this word in a query.
        let ending = path.rfind('.').filter(|at| *at >= from && path.len() - at <= 4);
        let to = if path.contains("slist=") { from } else { ending.unwrap_or(path.len()) };
        let (mut reported, mut parts) = (path[..from].to_owned(), Vec::new());
        for (n, part) in path[from..to].split('/').enumerate() {
            reported.extend((n > 0).then_some('/'));
            if part.len() < SHORTEST {
                reported.push_str(part);
                continue;
            }
            let hide = |c: char| if c.is_ascii_alphanumeric() { char::from(letter()) } else { c };
            let shown: String = part.chars().map(hide).collect();
            reported.push_str(&shown);
            parts.push(Part { reported: shown.into(), meant: part.into() });
        }
        reported.push_str(&path[to..]);
        (reported, Self(parts))
    }

    /// Takes what is certain out of `said`, with what is hidden put right. What may be the beginning of
    /// a hidden part stays until more has come; `is_all` says that nothing will.
    pub fn undo(&self, said: &mut Vec<u8>, is_all: bool) -> Vec<u8> {
        let (mut at, mut out) = (0, Vec::with_capacity(said.len()));
        while at < said.len() {
            match self.find(&said[at..]) {
                Found::Instead(bytes) => {
                    at += bytes.len();
                    out.extend(bytes);
                }
                Found::Perhaps if !is_all => break,
                _ => {
                    out.push(said[at]);
                    at += 1;
                }
            }
        }
        said.drain(..at);
        out
    }

    fn find(&self, bytes: &[u8]) -> Found {
        let mut found = Found::Nothing;
        for part in &self.0 {
            match part.begins(bytes) {
                Found::Nothing => {}
                Found::Perhaps => found = Found::Perhaps,
                instead => return instead,
            }
        }
        found
    }
}

impl Part {
    fn begins(&self, bytes: &[u8]) -> Found {
        let (mut instead, mut pairs) =
            (Vec::new(), self.reported.iter().zip(&self.meant).peekable());
        for byte in bytes {
            let Some((reported, meant)) = pairs.peek() else { break };
            if byte == *reported {
                instead.push(**meant);
                pairs.next();
            } else if *byte >= MARK && !instead.is_empty() {
                instead.push(*byte);
            } else {
                return Found::Nothing;
            }
        }
        if pairs.peek().is_some() { Found::Perhaps } else { Found::Instead(instead) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(path: &str) -> (String, Disguise) {
        let mut letters = (b'A'..=b'Z').cycle();
        Disguise::of(path, || letters.next().unwrap())
    }

    #[test]
    fn the_key_is_hidden_and_the_shape_of_the_address_is_kept() {
        for (path, reported) in [
            ("/live/camera-0123?sig=a%2f", "/live/ABCDEF-GHIJ?KLM=N%OP"),
            ("/live/inst/0123456789", "/live/inst/ABCDEFGHIJ"),
            ("/vod/mp4:films/secret0123.flv", "/vod/ABC:DEFGH/IJKLMNOPQR.flv"),
            ("/live/short", "/live/short"),
            ("/live", "/live"),
            ("", ""),
            ("/live/0123456789?slist=0123456789", "/live/0123456789?slist=0123456789"),
        ] {
            assert_eq!(hidden(path).0, reported, "{path}");
        }
    }

    #[test]
    fn what_is_hidden_is_put_right_however_it_is_cut() {
        let (_, disguise) = hidden("/live/0123456789/abcdefghij");
        let said = b"\x03play ABC ABCDEF\xc3GHIJ?\xc8KLMNOPQRST\xc3.ABCDEFGHIJ\x00ABCDEFGH";
        let meant = b"\x03play ABC 012345\xc36789?\xc8abcdefghij\xc3.0123456789\x00ABCDEFGH";
        for step in 1..said.len() {
            let (mut held, mut out) = (Vec::new(), Vec::new());
            for piece in said.chunks(step) {
                held.extend(piece);
                out.extend(disguise.undo(&mut held, false));
            }
            assert_eq!(held, b"ABCDEFGH");
            out.extend(disguise.undo(&mut held, true));
            assert_eq!(out, meant, "{step}");
        }
    }
}
